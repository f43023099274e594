"""Which charset unlabelled 8-bit bytes are in: every candidate's text is weighed by the letters of the languages written in it.

For alphabets: the share of foreign letters that one language of the charset knows, and how many of them are its commonest. For East
Asian sets: how many pairs of bytes lie where the common characters are. A heuristic; `charsets` decides when to ask it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SAMPLE = 4_000
MIN_FOREIGN = 4


class _Language(NamedTuple):
    """`letters`: all beyond a-z, lower case; `common`: those that make up about `share` of them in running text."""

    letters: frozenset[str]
    common: frozenset[str]
    share: float


def _latin(letters: str) -> _Language:
    return _Language(frozenset(letters), frozenset(letters), 1.0)


def _script(common: str, rest: str, share: float = 0.72) -> _Language:
    return _Language(frozenset(common + rest), frozenset(common), share)


_WESTERN = tuple(
    map(
        _latin,
        ("äöüß", "éèêëàâçùûîïôœæ", "áéíóúüñ", "àèéìòùî", "ãõáéíóúâêôçà", "ëéïöüèà", "åäöé", "æøåéò", "ðþáéíóúýæö", "çàéèíïóòúü·"),
    )
)  # fmt: skip
_CENTRAL = tuple(
    map(
        _latin,
        ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîșțşţ", "čćđšž", "äöüß"),
    )
)  # fmt: skip
_BALTIC = tuple(map(_latin, ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")))
_TURKISH = (_latin("çğıöşüâîû"),)
_TURKISH_LETTERS = frozenset("çğıöşüâîû\u0307")
_TURKISH_WORDS = frozenset(
    ("ve", "bir", "bu", "için", "değil", "iyi", "merhaba", "teşekkür", "teşekkürler", "lütfen", "sayın", "ile", "var", "yok", "nasıl", "selam", "ederim")
)  # fmt: skip
_VIETNAMESE = (_latin("ăâđêôơưàáèéìíòóùúỳý\u0300\u0301\u0303\u0309\u0323"),)
_CYRILLIC = (
    _script("оеаинтсрвл", "кмдпуяыьгзбчйхжшюцщэфъё"),
    _script("оаинітервс", "кмдплуязьбгчйхжшюцщєїфґ'"),
    _script("аеоитнрсвд", "клмпузбъгячцхшйжщфью"),
    _script("аоиенртсјв", "кумдплзбгчшцжхљњћђџф"),
)
_GREEK = (_script("αοιετσνηυρ", "πκμλςωγδβχφθξζψάέήίόύώϊϋΐΰ"),)
_HEBREW = (_script("יוהלאתרבמנ", "שםדקחפעטכסגזןךץףצ", 0.75),)
_ARABIC = (
    _script("الينمرتوبه", "ةسعدفكقحجشصطخضذزغظثأإآؤئىء،؟ًٌٍَُِّْ", 0.7),
    _script("ایندرمهوتب", "سشکگزلفقعحخجپچطصضغظثذژآء،", 0.7),
)
_THAI = (_script("านรอกเงมยล", "วดทสตปคบผจหพชขณแไใโำะัิีึืุู็่้๊๋์ๆฯศษซธถภฝฟญฐฎฏฌฆฉฑฒฮฬฤ", 0.5),)
_ALPHABETS = {
    "cp1252": _WESTERN, "cp1251": _CYRILLIC, "koi8-u": _CYRILLIC, "cp1250": _CENTRAL, "iso8859-2": _CENTRAL, "cp1253": _GREEK,
    "cp1254": _TURKISH, "cp1255": _HEBREW, "cp1256": _ARABIC, "cp874": _THAI, "cp1257": _BALTIC, "iso8859-5": _CYRILLIC,
    "iso8859-6": _ARABIC, "cp866": _CYRILLIC, "iso8859-7": _GREEK, "iso8859-15": _WESTERN, "cp1258": _VIETNAMESE, "cp850": _WESTERN,
}  # fmt: skip
_HANDICAPS = {
    "cp1252": 0.04,
    "cp1258": -0.1,
    "cp850": -0.1,
    "cp1257": -0.03,
    "cp866": -0.02,
    "iso8859-15": -0.02,
}
_SMALL = frozenset(
    [
        "и",
        "не",
        "на",
        "я",
        "что",
        "вы",
        "мой",
        "где",
        "это",
        "как",
        "для",
        "спасибо",
        "здравствуйте",
        "добрый",
        "день",
        "по",
        "за",
        "мне",
        "із",
        "та",
        "це",
        "дякую",
        "благодаря",
        "το",
        "και",
        "να",
        "για",
        "την",
        "του",
        "ευχαριστώ",
        "של",
        "את",
        "לא",
        "אני",
        "על",
        "תודה",
        "שלום",
        "من",
        "في",
        "على",
        "إلى",
        "لا",
        "شكرا",
        "مرحبا",
        "się",
        "nie",
        "jest",
        "że",
        "dla",
        "czy",
        "proszę",
        "dziękuję",
        "dzień",
        "dobry",
        "jsem",
        "děkuji",
        "prosím",
        "den",
        "není",
        "sú",
        "ďakujem",
        "és",
        "hogy",
        "nem",
        "köszönöm",
        "kérem",
        "și",
        "mulțumesc",
        "bună",
        "ve",
        "için",
        "değil",
        "teşekkürler",
        "merhaba",
        "und",
        "ich",
        "für",
        "mit",
        "nicht",
        "grüße",
        "est",
        "les",
        "pour",
        "avec",
        "merci",
        "bonjour",
        "que",
        "para",
        "por",
        "gracias",
        "obrigado",
        "não",
        "och",
        "att",
        "inte",
        "jeg",
        "ikke",
        "hei",
        "ja",
        "een",
        "het",
    ]
)
_PUNCTUATION = frozenset("«»„“”‘’–—…€§°№·¿¡´\u00a0\u00ad")
_WORD = re.compile(r"[^\W\d_]+")
_TURNED = re.compile(r"[a-zà-öø-ÿа-яα-ω][A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")

_KANA = re.compile("[\u3041-\u30fe]")
_KANJI = re.compile(rb"[\x88-\x97][\x40-\x7e\x80-\xfc]")
_CJK_COMMON = {
    "gb18030": frozenset(
        "的一是不了在人有我他这中大来上国个到说们，。您好请问谢要货没还收订单件可以和为什么时候能帮你吗？！退款发"
    ),
    "cp950": frozenset(
        "的一是不了在人有我他這中大來上國個到說們，。您好請問謝要貨沒還收訂單件可以和為什麼時候能幫你嗎？！退款發"
    ),
    "cp949": frozenset("이다는을의에가하고로한를기지니요안녕세습시주문해아서은도사합감송제상"),
}
_RANGES = {
    "gb18030": re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe]|[\xa1\xa3][\xa1-\xfe])"),
    "cp950": re.compile(rb"(?:[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|[\xa1\xa2][\x40-\x7e\xa1-\xfe])"),
    "cp949": re.compile(rb"(?:[\xb0-\xc8][\xa1-\xfe])"),
}


def best_codec(data: bytes) -> tuple[str, float]:
    """The likeliest codec for `data` (which is no UTF-8) and how sure that is, from 0 to about 1."""
    sample = data[:SAMPLE]
    if turkish(data):
        return "cp1254", 1.0
    scores = {codec: _alphabet(sample, codec) for codec in _ALPHABETS}
    for codec in ("cp932", "euc_jp"):
        scores[codec] = _japanese(sample, codec)
    for codec in _RANGES:
        scores[codec] = _pairs(sample, codec)
    best = max(scores, key=lambda codec: scores[codec])
    return best, scores[best]


def turkish(data: bytes) -> bool:
    """Whether bytes that read as Western hold Turkish: its letters lie where Iceland's do, so words decide, and letters that neither shares."""
    text = data[:SAMPLE].decode("cp1254", "replace").lower()
    foreign = {char for char in text if ord(char) > 127 and char not in _PUNCTUATION}
    own = sum(text.count(char) for char in "şğı")
    if own < 2 or not foreign <= _TURKISH_LETTERS:
        return False
    return any(word in _TURKISH_WORDS for word in _WORD.findall(text))


def score(data: bytes, codec: str) -> float:
    """How well one alphabetic codec fits."""
    return _alphabet(data[:SAMPLE], codec)


def _decoded(sample: bytes, codec: str) -> str:
    """The sample's text; the end may be cut within a character."""
    for end in (len(sample), -1, -2, -3):
        try:
            return sample[:end].decode(codec)
        except UnicodeDecodeError:
            continue
    return ""


def _alphabet(sample: bytes, codec: str) -> float:
    text = sample.decode(codec, "replace")
    foreign = [char for char in text if ord(char) > 127 and char not in _PUNCTUATION]
    if not foreign:
        return 0.3 if codec == "cp1252" else 0.0
    lower = [char.lower() for char in foreign]
    fit = max(
        0.6 * sum(char in one.letters for char in lower) / len(lower)
        + 0.4 * min(1.0, sum(char in one.common for char in foreign) / len(foreign) / one.share)
        for one in _ALPHABETS[codec]
    )
    words = _WORD.findall(text)
    small = sum(word.lower() in _SMALL for word in words) / (len(words) or 1)
    odd = sum(1 for word in words if _TURNED.search(word) or _mixed(word)) / (len(words) or 1)
    return fit + min(0.1, small) - 0.5 * odd + _HANDICAPS.get(codec, 0.0)


def _mixed(word: str) -> bool:
    """Latin and other letters in one word."""
    return any(ord(char) >= 0x370 for char in word) and any("a" <= char.lower() <= "z" for char in word)


def _japanese(sample: bytes, codec: str) -> float:
    text = _decoded(sample, codec)
    foreign = [char for char in text if ord(char) > 127]
    kana = sum(1 for char in foreign if _KANA.match(char))
    halves = sum(1 for char in foreign if "\uff61" <= char <= "\uff9f")
    if not kana and not halves and len(foreign) > 1 and codec == "cp932":
        return 0.8 * min(1.0, len(_KANJI.findall(sample)) / len(foreign))  # a name, a heading
    if not foreign or kana < 2 or halves > kana:
        return 0.0
    return min(1.2, 0.75 + kana / len(foreign)) - halves / len(foreign)


def _pairs(sample: bytes, codec: str) -> float:
    text = _decoded(sample, codec)
    foreign = [char for char in text if ord(char) > 127]
    if len(foreign) < 2 or any(_KANA.match(char) for char in foreign):
        return 0.0
    inside = min(1.0, len(_RANGES[codec].findall(sample)) / len(foreign))
    common = sum(char in _CJK_COMMON[codec] for char in foreign) / len(foreign)
    return 0.75 * inside + 0.35 * min(1.0, common / 0.3)
