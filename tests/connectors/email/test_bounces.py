"""Reports of failure without a part for machines, as servers write them in many languages; the odd places of their facts."""

from __future__ import annotations

import pytest

from connectors.email.codec import parse

TO = "someone@shop.example"
TOLD = {
    "Meddelandet kunde inte levereras": f"Ditt meddelande kunde inte levereras till:\n\n{TO}\n\nokänd användare",
    "Meldingen ble ikke levert": f"Meldingen din kunne ikke leveres til:\n\n{TO}\n\nukjent bruker",
    "Mesajul nu a fost livrat": f"Mesajul dvs. nu a putut fi livrat către:\n\n{TO}\n\nutilizator necunoscut",
    "Posta": f"Impossibile consegnare il messaggio a {TO}: la casella non esiste.",
    "Лист не доставлено": f"Ваш лист не вдалося доставити:\n\n{TO}\n\nКористувача не існує",
    "İleti teslim edilemedi": f"İletiniz şu alıcıya teslim edilemedi:\n\n{TO}\n\nKullanıcı bulunamadı",
    "ההודעה לא נמסרה": f"לא ניתן למסור את ההודעה לנמען:\n\n{TO}\n\nמשתמש לא קיים",
    "退回的邮件": f"很抱歉，您发送的邮件被退回，收件人地址：{TO}，原因：用户不存在",
    "메일 전송 실패": f"메일을 다음 수신자에게 전달하지 못했습니다:\n\n{TO}\n\n존재하지 않는 사용자입니다",
    "エラーメール": f"下記のメールアドレスへ送信することができませんでした。\n\n<{TO}>\n\nUser unknown",
    "ไม่สามารถส่งข้อความได้": f"ไม่สามารถส่งข้อความของคุณไปยัง:\n\n{TO}\n\nไม่พบผู้ใช้",
    "BEZORGFOUT: x": f"Uw bericht\n\nis niet bezorgd bij:\n\n  {TO}\n\nomdat:\n\n  niet vermeld in Domino Directory",
}
FULL = """Das Postfach des Empfängers ist voll.|La boîte aux lettres du destinataire est pleine.|El buzón del destinatario está lleno.|La casella del destinatario è piena.
A caixa postal do destinatário está cheia.|Почтовый ящик получателя переполнен.|Skrzynka odbiorcy jest pełna.|宛先のメールボックスが一杯です。|收件人邮箱已满。|수신자의 메일함이 가득 찼습니다."""
PART = f"Reporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.1.1\n"
COPY = f"Message-ID: <sent@app.example>\nTo: {TO}\nSubject: order\n\nHello\n"


def report(subject: str, text: str, sender: str = "postmaster@mx.example", more: str = "") -> bytes:
    head = f"From: {sender}\nTo: support@app.example\nSubject: {subject}\n{more}"
    return (
        head if "Content-Type" in more else f"{head}Content-Type: text/plain; charset=utf-8\n"
    ).encode() + f"\n{text}\n".encode()


@pytest.mark.parametrize("more", ["", "Return-Path: <>\nAuto-Submitted: auto-replied\n"])
def test_a_report_is_read_in_its_language(more: str) -> None:
    sender = "Mail <mail@mx.example>" if more else "postmaster@mx.example"
    found = {subject: parse(report(subject, text, sender, more)).bounce for subject, text in TOLD.items()}
    assert {one: (it and it.recipient, it and it.hard) for one, it in found.items()} == dict.fromkeys(
        TOLD, (TO, True)
    )


def test_a_full_mailbox_is_not_for_good_in_any_language() -> None:
    for sentence in FULL.replace("\n", "|").split("|"):
        bounce = parse(
            report("Undelivered Mail Returned to Sender", f"{TO}\n\n{sentence}", "MAILER-DAEMON@mx.example")
        ).bounce
        assert (bounce and bounce.recipient, bounce and bounce.hard) == (TO, False), sentence


def test_a_gateway_s_tag_before_the_subject_hides_nothing() -> None:
    bounce = parse(report("[EXT] Undeliverable mail", f"{TO}: no such user")).bounce
    assert bounce is not None
    assert bounce.recipient == TO


def test_a_banner_above_and_broken_lines_hide_nothing() -> None:
    text = f"CAUTION: This mail came from outside.\n\nIhre E-Mail an {TO} wurde nicht\nzugestellt, weil das Postfach nicht\nexistiert."
    bounce = parse(report("Unzustellbar: x", text)).bounce
    assert (bounce and bounce.recipient, bounce and bounce.hard) == (TO, True)


def test_an_address_in_any_script_is_read_where_nothing_else_stands() -> None:
    more = "X-Failed-Recipients: =?utf-8?b?8J+QiEBleGFtcGxlLmpw?=\n"
    bounce = parse(report("Failure", "It has no SMTPUTF8.", "MAILER-DAEMON@mx.example", more)).bounce
    assert (bounce and bounce.recipient) == "🐈@example.jp"


def test_returned_headers_count_under_any_type_below_the_report() -> None:
    parts = f"--b\n\nFailed.\n--b\nContent-Type: message/delivery-status\n\n{PART}\n--b\nContent-Type: message/partial\n\n{COPY}--b--"
    more = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n"
    bounce = parse(report("Returned mail", parts, more=more)).bounce
    assert (bounce and bounce.original_message_id) == "sent@app.example"


def test_a_masked_address_is_that_of_the_mail_that_came_back() -> None:
    text = f"--b\n\nThe following addresses had delivery problems\n****@***.shop.example\n\n--b\nContent-Type: message/rfc822\n\n{COPY}--b--"
    bounce = parse(report("Returned mail", text, more="Content-Type: multipart/mixed; boundary=b\n")).bounce
    assert bounce is not None
    assert (bounce.recipient, bounce.original_message_id) == (TO, "sent@app.example")


def test_the_id_may_stand_in_a_line_of_its_own_name() -> None:
    bounce = parse(
        report("Mail Delivery Failed", f"Original Message ID: sent@app.example\nRcpt To: {TO}")
    ).bounce
    assert bounce is not None
    assert bounce.original_message_id == "sent@app.example"


@pytest.mark.parametrize(
    "header",
    [
        'Content-Type: text/plain; name="details.txt"\nContent-Disposition: attachment; filename="details.txt"\n\n',
        "Content-Description: Delivery report\n\nContent-Type: message/delivery-status\n\n",
    ],
    ids=["in a text file", "type below a blank line"],
)
def test_the_part_for_machines_is_found_under_another_name(header: str) -> None:
    text = f"--b\n\nDelivery failed, see attachments.\n--b\n{header}{PART}--b--"
    bounce = parse(
        report("Undelivered Mail", text, more="Content-Type: multipart/mixed; boundary=b\n")
    ).bounce
    assert bounce is not None
    assert (bounce.recipient, bounce.status, bounce.hard) == (TO, "5.1.1", True)


@pytest.mark.parametrize(
    ("subject", "text"), [("[EXT] Fwd: Undelivered Mail", "See below."), ("What is this", "Hi, I got this.")]
)
def test_a_part_for_machines_that_somebody_attached_reports_nothing(subject: str, text: str) -> None:
    parts = f"--b\n\n{text}\n--b\nContent-Type: message/delivery-status\n\n{PART}--b--"
    mail = parse(
        report(subject, parts, "Ann <ann@example.org>", "Content-Type: multipart/mixed; boundary=b\n")
    )
    assert mail.bounce is None


def test_people_who_tell_of_such_mails_stay_people() -> None:
    person = "Ann Lee <ann@example.org>"
    for subject, text in (
        ("Nicht zustellbar", f"Mein Paket war nicht zustellbar. Meine Adresse: {TO}"),
        ("Colis non distribué", f"Mon colis n'a pas été distribué. Écrivez à {TO}"),
        ("退信", f"我收到了退信，怎么办？ {TO} 550"),
        ("[EXT] Fwd: Undelivered Mail Returned to Sender", f"See below.\n\n> <{TO}>: 550 5.1.1 User unknown"),
    ):
        mail = parse(report(subject, text, person))
        assert (mail.bounce, mail.auto_reply) == (None, None), subject
