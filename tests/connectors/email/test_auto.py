"""Automatic mail that carries no mark but its words, and people's mails that use the same words."""

from __future__ import annotations

import textwrap

import pytest

from connectors.email.codec import parse

ANSWERS = """Awtomatikong tugon: order|Автоматты жауап: order|Automātiskā atbilde: order|Përgjigje automatike: order|Аутоматски одговор: order
தானியங்கி பதில்: order|خودکار جواب: order|Tự động trả lời: order|স্বয়ংক্রিয় উত্তর: order|ავტომატური პასუხი: order|Ավտոմատ պատասխան: order
Outomatiese antwoord: order|Ateb awtomatig: order|Freagra uathoibríoch: order|Réponse automatisée: order|Respuesta automatizada: order
Automatisierte Antwort: order|Autom. Antwort: order|Autorisposta: order|Automatisk besked: order|Autovastaus: order|Automata válasz: order
自动应答: order|自動応答メール: order|（自動返信）order|Automatyczna odpowiedź: order|Автоматический ответ на письмо order|(Auto) Re: order"""
ABSENCES = """Réponse automatique d'absence : order|Avis d'absence: order|Mensaje de ausencia: order|Messaggio di assenza: order|Frånvaroavisering: order
Automatische Abwesenheitsnotiz: order|Oznámení o nepřítomnosti: order|Нет на работе: order|外出自动答复: order|外出時的自動回覆: order|On annual leave: order
AUTO: Ann Lee è fuori sede (ritorno il 03/05/2019)|AUTO: Ann Lee is afwezig (terugkeer 03-05-2019)|Vacation responder: order"""
SENTENCES = (
    "Questa è una risposta automatica.",
    "Tämä on automaattinen vastaus.",
    "Toto je automatická odpověď.",
    "Ez egy automatikus válasz.",
    "Acesta este un mesaj automat.",
    "Це автоматична відповідь.",
    "Bu otomatik bir yanıttır.",
    "本メールは自動返信です。",
    "此为自动回复，请勿直接回复。",
    "본 메일은 발신 전용입니다.",
    "Your request (4711) has been received and is being reviewed.",
)
AWAY = (
    "I'm on parental leave until September and not reading mails. Please ask bob@example.org.",
    "Ich befinde mich bis 12. Mai im Urlaub. In dringenden Fällen wenden Sie sich an Bob.",
    "Actuellement en congés, je serai de retour le 12 mai. En cas d'urgence, écrivez à Bob.",
    "Me encuentro de vacaciones hasta el 12 de mayo. Para urgencias escriba a Bob.",
    "Momenteel ben ik afwezig tot 12 mei. Voor dringende zaken kunt u terecht bij Bob.",
    "Do 12 května čerpám dovolenou. V naléhavých případech pište Bobovi.",
    "I'll be OOO until Monday with limited access to email.",
    "I am attending a conference this week. Please expect delays in my response.",
    "Our office is closed until 2 January. Your e-mail will be answered after that.",
    "Ich bin bis einschließlich 27.01.2026 nicht im Büro und kann Ihre Nachricht in dieser Zeit nicht bearbeiten.",
    "ただいま不在にしております。5月12日以降にご返信いたします。",
    "I am currently on annual leave and will return on Monday 13 May.",
    "Ich bin derzeit im Urlaub und ab 13. Mai wieder für Sie erreichbar.",
    "Estoy fuera de la oficina y volveré el 13 de mayo.",
    "Jag är på semester och åter den 13 maj.",
    "Yıllık izindeyim, 13 Mayıs'ta döneceğim.",
    "Βρίσκομαι εκτός γραφείου έως τις 12 Μαΐου. Για επείγοντα γράψτε στον Bob.",
)
PEOPLE = (
    ("Automated reply from your bot was rude", "It said that I am wrong."),
    ("Auto-reply - how to set it up?", "I cannot find it."),
    ("Automatic message when I sign in", "What does it mean?"),
    ("自動返信が届かない", "自動返信メールが届きません。"),
    ("Re: order", 'Your autoresponder says "This is an automated response" each time. Can somebody answer?'),
    ("Re: order", "I'm on leave from tomorrow until 12 May, please answer before."),
    ("Re: order", "I'm away until Monday, can you hold the parcel?"),
    ("Re: order", "Bob is on vacation until Monday, so I am answering for him: yes, we want the blue one."),
    ("Re: order", "I am on holiday until Friday. The parcel is with my neighbour."),
    ("Re: order", "Ich bin ab Montag wieder da und hole das Paket ab."),
    ("Re: order", "I'm travelling on Friday and will be back on Monday, please send it before."),
    ("Re: order", "A ticket for the concert has been created twice in my account."),
    ("Re: order", "Die Rechnung wurde automatisch erstellt und ist falsch."),
    ("Re: order", "Je n'ai pas reçu l'accusé de réception automatique."),
    ("Re: order", "The automated confirmation shows the wrong date."),
    ("Re: order", "没有收到系统自动发送的邮件。"),
    ("Re: order", "Tämä on automaattinen ovi, joka ei aukea."),
    ("Re: order", "To complete the delivery I must confirm my address. How?"),
    ("Vacation", "We would like to book a vacation in May."),
)


def mail(subject: str, text: str, more: str = "") -> bytes:
    head = f"From: Ann Lee <ann@example.org>\nTo: s@example.com\nSubject: {subject}\n{more}"
    return f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode()


def test_a_subject_that_only_programs_write_is_enough_in_any_language() -> None:
    subjects = ANSWERS.replace("\n", "|").split("|")
    assert [one for one in subjects if parse(mail(one, "We got it.")).auto_reply != "reply"] == []


def test_a_notice_of_absence_is_one_in_any_language() -> None:
    subjects = ABSENCES.replace("\n", "|").split("|")
    assert [one for one in subjects if parse(mail(one, "Hello.")).auto_reply != "vacation"] == []


def test_a_subject_that_says_until_when_is_a_notice_where_it_answers() -> None:
    answers = "In-Reply-To: <a@example.com>\n"
    for subject in ("Fuera de la oficina hasta el 12 de mayo", "Я в отпуске до 12 мая", "Poissa 12.5. asti"):
        assert parse(mail(subject, "Hello.", answers)).auto_reply == "vacation"


def test_a_sentence_on_absence_may_be_the_whole_subject() -> None:
    answers = "In-Reply-To: <a@example.com>\n"
    assert parse(mail("Jestem na urlopie", "Hello.", answers)).auto_reply == "vacation"
    assert parse(mail("Jestem na urlopie i mam pytanie", "Hello.", answers)).auto_reply is None


def test_where_a_field_says_that_nobody_wrote_less_is_needed_to_see_an_absence() -> None:
    marked = "Auto-Submitted: auto-replied\n"
    for text in (
        "I'm out until the 13th. Ask Bob.",
        "Unser Büro ist bis 2.1. geschlossen.",
        "Sono attualmente in ferie.",
    ):
        assert parse(mail("Re: order", text, marked)).auto_reply == "vacation"
    assert parse(mail("Re: order", "We got your mail and will answer soon.", marked)).auto_reply == "reply"


def test_programs_say_what_they_are() -> None:
    assert [one for one in SENTENCES if not parse(mail("Re: order", one)).auto_reply] == []
    assert [one for one in AWAY if parse(mail("Re: order", one)).auto_reply != "vacation"] == []


def test_sentences_may_be_broken_where_a_line_is_full() -> None:
    broken = ["\n".join(textwrap.wrap(one, 30)) for one in (*SENTENCES, *AWAY)]
    assert [one for one in broken if not parse(mail("Re: order", one)).auto_reply] == []


@pytest.mark.parametrize("answers", ["", "In-Reply-To: <a@example.com>\n"])
def test_people_who_use_the_words_stay_people(answers: str) -> None:
    found = [(subject, parse(mail(subject, text, answers))) for subject, text in PEOPLE]
    assert [(subject, one.auto_reply) for subject, one in found if one.auto_reply or one.bounce] == []


def test_a_field_of_a_program_s_own_name_counts_unless_it_says_no() -> None:
    for name in ("X-Zimbra-Auto-Reply", "X-Sieve-Vacation", "X-KIMS-Autoresponder"):
        assert parse(mail("Re: order", "Thanks.", f"{name}: yes\n")).auto_reply == "reply"
        assert parse(mail("Re: order", "Thanks.", f"{name}: no\n")).auto_reply is None


@pytest.mark.parametrize(
    ("method", "text", "kind"),
    [
        ("REPLY", "", "reply"),
        ("REPLY", "Ann Lee has accepted this invitation.", "reply"),
        ("REPLY", "Can we do 11 instead? I must bring my car to the garage.", None),
        ("REQUEST", "", None),
    ],
)
def test_a_click_in_a_calendar_is_no_letter(method: str, text: str, kind: str | None) -> None:
    part = (
        f"Content-Type: text/calendar; method={method}\n\nBEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR\n"
    )
    raw = (
        "From: ann@example.org\nSubject: Accepted: talk\nContent-Type: multipart/alternative; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\n{text}\n--b\n{part}--b--\n"
    )
    assert parse(raw.encode()).auto_reply == kind


def test_a_form_whose_program_calls_its_mail_bulk_is_from_a_person() -> None:
    head = (
        "From: <noreply@shop.example>\nReply-To: bob@customer.example\nSubject: Contact\nPrecedence: bulk\n"
    )
    assert parse(f"{head}\nMy cup is broken.\n".encode()).auto_reply is None
    assert parse(f"{head}List-Unsubscribe: <https://shop.example/u>\n\nNew cups!\n".encode()).auto_reply
