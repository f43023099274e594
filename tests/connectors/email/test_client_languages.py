"""Marks of history as mail programs write them in the languages they are translated into: above quoted lines, wrapped, as header blocks."""

from __future__ import annotations

import pytest

from connectors.email import reply

NEW = "Yes, please send it to the new place.\n\nAnd the second one can wait."
OLD = "Shall we send it to the old place?\n\nOr to the office?"
QUOTED = "> Shall we send it to the old place?\n>\n> Or to the office?"


@pytest.mark.parametrize(
    "mark",
    [
        "Ann Lee напісаў 4.03.24 у 10:15:",
        "Ann Lee skreau op 04-03-24 om 10:15:",
        "Ann Lee 4.3.24 10:15 hodź. napisa:",
        "Ann Lee piše:",
        "Ann Lee жазған, уақыты 04.03.24 10:15:",
        "Ann Lee 이(가) 24. 3. 4. AM 10:15 에 쓴 글:",
        "Ann Lee 이(가) 쓴 글",
        "Ann Lee membalas pada 4/03/24 10:15 PG:",
        "Ann Lee yozdi:",
        "04.03.24 10:15-ին Ann Lee <ann@example.org>ը գրել է.",
        "თარიღი 04.03.24 10:15, Ann Lee წერს:",
        "Ann Lee نوشته است:",
        "Ann Lee 寫到：",
        "נכתב על ידי Ann Lee:",
        ":כתב Ann Lee, 2024-03-04 10:15 בתאריך",
        "Pada 2024-03-04 10:15, Ann Lee menulis",
        "2024-03-04 10:15, je Ann Lee napisal",
        "កាលពីថ្ងៃ 2024-03-04 10:15, Ann Lee បានសរសេរ៖",
        "Jatorrizko mezua: al., 2024-03-04 10:15 +0100, egilea: Ann Lee",
        "Ann Lee a következőt írta ekkor: 2024. március 4., hétfő 10:15:00 +0100",
        "Citerar Ann Lee <ann@example.org>:",
        "引用 Ann Lee <ann@example.org>：",
        "În data de Mon, 4 Mar 2024 10:15:00 +0100\nAnn Lee <ann@example.org> a scris:",
        "O luns, 04-03-2024 ás 10:15 +0100, Ann Lee\n<ann@example.org> escribiu:",
        "Monday, March 4, 2024 10:15 CET dátummal, Ann Lee\n<ann@example.org> ezt írta:",
        "Dana понедељак, 4. март 2024. u 10:15:00 +0100, Ann Lee\nnapisa:",
        "තැපැල 2024-03-04 10:15 දින\nAnn Lee ලියූ:",
    ],
)
def test_marks_above_quoted_lines(mark: str) -> None:
    assert reply.split(f"{NEW}\n\n{mark}\n\n{QUOTED}\n").reply == NEW
    assert reply.split(f"{mark}\n{QUOTED}\n\n{NEW}\n").reply == NEW


def block(title: str, start: str, date: str, to: str, subject: str) -> str:
    return f"{title}\n{start}: Ann Lee <ann@example.org>\n{date}: 4. 3. 2024 10:15\n{to}: Bob Ray\n{subject}: Parcel".strip()


@pytest.mark.parametrize(
    "mark",
    [
        block("-------- Зыходнае паведамленне --------", "Ад", "Дата", "Каму", "Тэма"),
        block("-------- Оригинално писмо --------", "От", "Дата", "До", "Заглавие"),
        block("-------- Originalus laiškas --------", "Nuo", "Data", "Kam", "Tema"),
        block("-------- Esialgne kiri --------", "Saatja", "Kuupäev", "Saaja", "Pealkiri"),
        block("-------- Особливий лист --------", "Від", "Дата", "Кому", "Тема"),
        block("-----મૂળ સંદેશો-----", "From", "Date", "To", "Subject"),
        block("━━━Thư gốc━━━", "Gửi từ", "Ngày", "Người nhận", "Tiêu đề"),
        block("-------- Özgün İleti --------", "Gönderici", "Tarih", "Alıcı", "Konu"),
        block("", "Odesílatel", "Datum", "Adresát", "Předmět"),
        block("", "Afsender", "Dato", "Modtager", "Emne"),
        block("", "Avsender", "Dato", "Mottaker", "Emne"),
        block("", "Remitent", "Data", "Destinatari", "Assumpte"),
        block("", "Шаље", "Датум", "Прима", "Наслов"),
        block("", "Frá", "Dagsetning", "Til", "Titill"),
        block("", "Kimdən", "Tarix", "Kimə", "Mövzu"),
        block("", "Pengirim", "Tanggal", "Penerima", "Judul"),
        block("", "ვინ", "თარიღი", "ვის", "თემა"),
        block("", "ผู้ส่ง", "วันที่", "ผู้รับ", "หัวเรื่อง"),
        block("", "المرسل", "التاريخ", "المستقبل", "الموضوع"),
        block("", "從", "日期", "到", "主旨"),
        "----- Viesti lähettäjältä Ann Lee <ann@example.org> ---------\n   Date: Mon, 4 Mar 2024 10:15:00 +0100\n   From: Ann Lee <ann@example.org>\nSubject: Parcel\n     To: bob@example.com",
    ],
)
def test_blocks_above_unmarked_history(mark: str) -> None:
    assert reply.split(f"{NEW}\n\n{mark}\n\n{OLD}\n").reply == NEW


@pytest.mark.parametrize(
    "text",
    [
        "On Monday he wrote: please send it again.\n\nI did not understand what he meant.",
        "From: the team\n\nWe wish you a nice week.",
        "Name: Ann Lee\nEmail: ann@example.org\nPhone: 0123 456789\nOrder: 1234\n\nThe lamp is broken.",
        "Contact: Ann Lee <ann@example.org>\nWhen: Monday, 4 March 2024 10:15\nWhere: the office\n\nWill you come?",
        "Departure: Monday, 4 March 2024 10:15\nFrom: Vienna\nTo: Graz\nSeat: 12\n\nPlease change the seat.",
        "--- Section one ---\n\nThe lamp does not work.\n\n--- Section two ---\n\nThe cable is missing.",
        "Log:\n04.03.2024 10:15: started\n04.03.2024 10:16: stopped\n\nWhy?",
        "2024-03-04 10:15:00 +0100 ERROR no space\n2024-03-04 10:16:00 +0100 ERROR no space\n\nPlease help.",
        "Up: 10\nDown: 5\nTo: 3\nFrom: 1\nDate: none\n\nWhat does the table mean?",
        "Na stranici piše:\n> pritisnite gumb\nKoji gumb?",
        "The manual's author wrote:\n> press the button\nWhich button?",
        "Meeting on 4.3.24 at 10:15:\n> bring a lamp\nWhy a lamp?",
        "This is from Ann <ann@example.org>:\n> the lamp is blue\nIs that so?",
        "Заказ от 04.03.2024 10:15:\n\nлампа\nкабель\n\nКогда придёт?",
        "Von: Wien\nNach: Graz\nDatum: 4. März 2024 10:15\n\nKann ich das umbuchen?",
        "We came.\n4 March 2024 10:15, Ann and Bob\n<ann@example.org> is my address.",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert reply.split(text).reply == text


MARK = "On Mon, 4 Mar 2024 at 10:15, Ann Lee <ann@example.org> wrote:"


@pytest.mark.parametrize(
    "below",
    [
        '-------- Ursprüngliche Nachricht --------Von: "Ann Lee"  Datum: 04.03.24  10:15  (GMT+01:00) An: Betreff: Paket\n\nAlt.',
        f"{MARK} Old words in the same line.",
        f"{MARK}> Old words in the same line.",
        "ann@example.org\n \nFrom: Ann Lee\nDate: 2024-03-04 10:15\nTo: bob\nSubject: Parcel\nOld words.",
        "Excerpts from Ann Lee's message of Mon Mar 04 10:15:00 +0100 2024:\n> Old words.",
        "From: Ann Lee <ann@example.org>\n> Old words.",
        "This message was secured by Example.",
    ],
)
def test_marks_that_few_programs_write(below: str) -> None:
    assert reply.split(f"{NEW}\n\n{below}").reply == NEW


def test_a_title_within_a_line_ends_new_text_only_above_a_header() -> None:
    assert reply.split("Fine. ------ Original Message ------From: Ann Lee\nOld.").reply == "Fine."
    text = "The page shows ------ Original Message ------ and nothing else."
    assert reply.split(text).reply == text


@pytest.mark.parametrize(
    "banner",
    [
        "You don't often get email from bob@example.com. Learn why this is important<https://aka.ms/LearnAboutSenderIdentification>",
        "[Vous n’obtenez pas souvent d’e-mail à partir de bob@example.com. Pourquoi c’est important à https://aka.ms/LearnAboutSenderIdentification ]",
        "Some people who received this message don't often get email from\nbob@example.com. Learn why this is important",
        "[EXTERNAL]",
        "[EXTERNAL]\n\nCAUTION: This email came from outside of the organization. Do not click links.",
    ],
)
def test_banners_above_the_text(banner: str) -> None:
    assert reply.split(f"{banner}\n\n{NEW}\n\n{MARK}\n\n{QUOTED}").reply == NEW
    assert reply.split(banner).reply != ""


def test_initials_before_quoted_lines_go_on_below_an_answer() -> None:
    text = "4 Mar 2024, 10:15, you wrote:\n\nAL> Shall we send it?\nYes.\n\nAL> Or not?\nNo."
    assert reply.split(f"Hello Ann,\n\n{text}").reply == f"Hello Ann,\n\n{text}"


@pytest.mark.parametrize(
    "text",
    [
        "Here they are.\n\nProject Contacts\nalice@example.com\nbob@example.com",
        "And two more.\n\nFurther Reading\nhttps://example.com/rooms\nwww.example.com/catering",
        "External\n\nwalls need paint.",
        f"I quote:\n{MARK} it is broken.\nIs it?".replace("On Mon", "He says that on Mon"),
    ],
)
def test_what_looks_like_a_signature_or_a_banner_stays(text: str) -> None:
    assert reply.split(text).reply == text
