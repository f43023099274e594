"""Unlabelled bytes: each charset is recognised by the letters of its languages; a Western label is doubted only for whole words."""

from __future__ import annotations

import pytest

from connectors.email import charsets, guessing

SENTENCES = {
    "cp1252": "Können Sie mir bitte sagen, wann die Lampe für das Büro ankommt? Grüße",
    "cp1250": "Chciałbym zwrócić lampę, która przyszła stłuczona. Dziękuję",
    "iso8859-2": "Chciałbym zwrócić lampę, która przyszła stłuczona. Dziękuję",
    "cp1251": "Лампа пришла разбитой, как её вернуть?",
    "koi8-r": "Лампа пришла разбитой, как её вернуть?",
    "cp866": "Лампа пришла разбитой, как её вернуть?",
    "cp1253": "Η λάμπα έφτασε σπασμένη, πώς την επιστρέφω;",
    "cp1254": "Lamba kırık geldi, nasıl iade edeceğim? Teşekkürler",
    "cp1255": "המנורה הגיעה שבורה, איך מחזירים אותה?",
    "cp1256": "وصل المصباح مكسورا، كيف يمكنني إعادته؟",
    "cp874": "โคมไฟมาถึงแตก จะส่งคืนอย่างไร",
    "gb18030": "灯到的时候已经碎了，请问怎么退货？",
    "cp950": "燈到的時候已經碎了，請問怎麼退貨？",
    "cp932": "ランプが割れて届きました。返品したいです。",
    "euc_jp": "ランプが割れて届きました。返品したいです。",
    "cp949": "램프가 깨진 채로 도착했습니다. 어떻게 반품하나요?",
}


@pytest.mark.parametrize("codec", SENTENCES)
def test_a_sentence_is_read_without_its_label(codec: str) -> None:
    text = SENTENCES[codec]
    assert charsets.decode(text.encode(codec)) == (text, False)


@pytest.mark.parametrize("codec", ["cp1251", "cp1253", "cp1255", "gb18030", "cp932", "cp949"])
def test_words_of_another_script_are_not_western_whatever_their_label(codec: str) -> None:
    text = SENTENCES[codec]
    assert charsets.decode(text.encode(codec), "iso-8859-1") == (text, False)


@pytest.mark.parametrize(
    "text", ["Größe XÜÄÖ", "ÆØÅ æøå", "«Où ça ?» À côté…", "50 £ ± 2 % ®", "São João, ã õ ç"]
)
def test_western_text_keeps_its_label(text: str) -> None:
    assert charsets.decode(text.encode("cp1252"), "iso-8859-1") == (text, True)


def test_a_japanese_name_needs_no_syllables() -> None:
    assert charsets.decode("請求書.pdf".encode("cp932"))[0] == "請求書.pdf"


@pytest.mark.parametrize("label", ["", "us-ascii", "utf-8", "unknown-8bit"])
def test_escapes_tell_their_set(label: str) -> None:
    for codec in ("iso2022_jp", "iso2022_kr"):
        text = {"iso2022_jp": SENTENCES["cp932"], "iso2022_kr": SENTENCES["cp949"]}[codec]
        assert charsets.decode(text.encode(codec), label)[0] == text


def test_program_text_is_no_chinese() -> None:
    assert charsets.decode(b"path ~{a..b} and ~}", "us-ascii") == ("path ~{a..b} and ~}", True)


def test_no_more_than_the_sample_is_weighed() -> None:
    head = SENTENCES["cp1251"].encode("cp1251") * (guessing.SAMPLE // 30)
    assert guessing.best_codec(head + b"\xff\x80" * 50_000) == guessing.best_codec(head)


def test_turkish_is_told_from_icelandic() -> None:
    turkish = "Merhaba, siparişim kırık geldi, lütfen bakınız."
    assert guessing.turkish(turkish.encode("cp1254"))
    assert not guessing.turkish("Það er ekki hægt, við þurfum nýjan.".encode("cp1252"))
    assert not guessing.turkish("Bu ve bir için".encode("cp1254"))


@pytest.mark.parametrize("text", ["a+b-c and A+B-12", "+49-221 +1-202", "+Foo- +Bar-", "+APw- but +Foo-bar"])
def test_plus_and_minus_alone_are_no_utf7(text: str) -> None:
    assert charsets.decode(text.encode()) == (text, True)


def test_utf7_without_a_label_is_read_up_to_a_size() -> None:
    text = "Grüße für alle, 2 + 3 - 1"
    assert charsets.decode(text.encode("utf-7"))[0] == text
    long = text.encode("utf-7") + b" " * charsets.MAX_REPAIRED
    assert charsets.decode(long)[0] == long.decode()
