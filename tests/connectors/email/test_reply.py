"""What is new in a text: marks of history, answers between quotes, signatures, and that no input takes long."""

from __future__ import annotations

import time

import pytest

from connectors.email import quotes, reply, signatures

OLD = "> The old words."


@pytest.mark.parametrize(
    "mark",
    [
        "On 04-Mar-2024, at 6:54 PM, Ann Lee <ann@example.org> wrote:",
        "On 04/03/2024 07:10 AM, Ann Lee wrote:",
        "On 04/03/2024 07:10 AM, Ann Lee <ann@example.org> sent:",
        "2024-03-04 11:28 GMT+03:00 Ann Lee <\nann.lee.of.example.org.with.a.long.name@customers.example.org>:",
        ' On Mar 4, 2024 9:59 AM, "Example" <\nr+0123456789abcdef@example.org> wrote:',
        "2024/3/4 Ann Lee <ann@example.org>",
        "Ann Lee <ann@example.org> schrieb:",
        "Sent from my tablet Ann Lee <ann@example.org> wrote:",
        "Le 4 mars 2024 à 22:03, Ann Lee <ann@example.org<mailto:ann@example.org>> a écrit :",
        "W dniu 4 marca 2024 01:53 użytkownik Ann Lee <ann@example.org>\nnapisał:",
        "Den 4 mars, 2024 02:23:18, Ann Lee (ann@example.org) skrev:",
        "Op 4-mrt.-2024, om 13:18 heeft Ann Lee <ann@example.org> het volgende geschreven:",
        "On Fri, May 6, 2024 at 6:03 PM, Ann Lee of the Society for Long Names\n<ann@example.org> wrote:",
        "On Nov 30, 2024, at 12:47 PM, Ann <\n0123456789abcdef0123456789abcdef@example.org>\nwrote:",
    ],
)  # fmt: skip
def test_marks_above_quoted_lines(mark: str) -> None:
    assert reply.split(f"The new words.\n\n{mark}\n\n{OLD}\n").reply == "The new words."


@pytest.mark.parametrize(
    "mark",
    [
        'On Mon, Mar 4, 2024 at 12:42 PM -0800, "Example" <ann@example.org> wrote:',
        "------On 12/29/2024 17:32 PM, Ann Lee wrote-----",
        "---- Ann Lee wrote ----",
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
        "-------- Oorspronkelijk bericht --------",
        "_____________\nFrom: Ann Lee\nSent: Monday",
        "From: ann@example.org\nSent: March-19-24 5:42 PM\nTo: Support\nSubject: The order",
        "Von: Ann Lee\nGesendet: Dienstag, 5. März 2024 14:59\nAn: Support\nBetreff: Bestellung",
        "De : Ann Lee [mailto:ann@example.org]\nEnvoyé : lundi 4 mars 2024 16:39\nÀ : Support\nObjet : Suite",
        "*From:* ann@example.org [mailto:\nann@example.org]\n*Sent:* Monday, March 4, 2024 3:05 PM\n*To:* Support\n*Subject:* Order",
        "Date: Mon, 4 Mar 2024 00:15:02 -0600\nTo: support@example.com",
        "Date: Fri=2C 4 Mar 2024 10:55:48 +0000\nFrom: ann@example.org\nTo: bob@example.org\nSubject: [Ticket #8] Order",
        ">>> Ann Lee <ann@example.org> 04.03.2024 10:15 >>>",
    ],
)  # fmt: skip
def test_marks_above_unmarked_history(mark: str) -> None:
    assert (
        reply.split(f"The new words.\n\n{mark}\n\nThe old words.\n\nMore of them.").reply == "The new words."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Blah blah\nOn blah blah",
        "On your server you can run:\n\n    telnet 127.0.0.1 52698\n\nThis should connect.",
        "We met on Monday.\n\nAs I wrote on 4 March 2024:\n\nthe roof is leaking.",
        "Please send it to ann@example.org by 5 May with all of the files that you have:\n\nfirst, second and third.",
        "From: our database\n\nwe read the rows.",
        "Visit us:\n>>> >>>  http://www.example.org <<<\nBy the link above.",
        "---\n\nA title between dashes\n\n---\n\nand a text that goes on and on, far longer than any signature is, over many words.",
    ],
)
def test_texts_that_stay_whole(text: str) -> None:
    assert reply.split(text).reply == text


def test_history_is_given_back_and_nothing_is_lost() -> None:
    found = reply.split(f"New.\n\nOn Mon, 4 Mar 2024, Ann wrote:\n{OLD}\n")
    assert (found.reply, found.cut) == ("New.", True)
    assert found.quoted == f"On Mon, 4 Mar 2024, Ann wrote:\n{OLD}"


def test_answers_around_one_quote_are_both_new() -> None:
    text = f"Above.\n\nOn Mon, 4 Mar 2024, Ann wrote:\n{OLD}\n\nBelow."
    assert reply.split(text).reply == "Above.\n\nBelow."


def test_the_lines_beyond_the_limit_are_history() -> None:
    text = "\n".join(f"line {n}" for n in range(reply.MAX_LINES + 10))
    found = reply.split(text)
    assert found.reply.endswith(f"line {reply.MAX_LINES - 1}")
    assert found.quoted.endswith(f"line {reply.MAX_LINES + 9}")


def test_a_text_beyond_the_limit_is_cut() -> None:
    assert len(reply.split("a" * (reply.MAX_CHARS + 100)).reply) == reply.MAX_CHARS


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        ("Hey man! How are you?", "---\nBob"),
        ("Hey!", "-bob"),
        ("Hey!\n", "- bob"),
        ("Hey!\n", "Thanks!\nBob"),
        ("Hey!", "--\nBest regards,\n\nBob"),
        ("Hey!", "--\n--\nRegards,\nBob"),
        ("Hey!\n", "Sent from my iPhone!"),
        ("Hey!", "Sent from Mailbox for iPhone"),
        ("Hey!\nThanks for your time.", "--\nThanks!\nBob"),
        ("Hey!\nLook:\n\n--> one\n--> two", "--\nBob"),
        ("Hey.\n", "-Lev.\n\nSent from my HTC smartphone!"),
        ("Hey!", "Sent wirelessly from my BlackBerry device on the Example network."),
        ("Thanks,\n\nHey\n", "regards\n\nBob Stone"),
        ("Hey!\n", "/Nils"),
        ("Hey!\n", "Viele Grüße\nMax"),
        ("Hey!\n", "Mit freundlichen Grüßen\n\nMax Muster\nVertrieb\nMuster GmbH\nTel. 0123 456789"),
        ("Hey!\n", "Von meinem Huawei-Mobiltelefon gesendet"),
        ("Hey!\n", "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet."),
    ],
)
def test_signatures(body: str, signature: str) -> None:
    assert reply.split(f"{body}\n{signature}").reply == body.strip()


@pytest.mark.parametrize(
    "text",
    [
        "Please call.\n\nThanks!",
        "I need:\n- a shirt\n- socks",
        "Hello,\n\nThanks\n\nOrder 1234 is missing\nand so is 1235",
        "Sent from my desk, is much easier than my mobile phone.\n\nRight?",
        "--\nAnn",
        "Cheers",
    ],
)
def test_what_is_no_signature(text: str) -> None:
    assert reply.split(text).reply == text


def test_a_signature_has_a_limit() -> None:
    long = "\n".join(f"line {n} of something that is no signature" for n in range(signatures.MAX_LINES * 3))
    text = f"Hello.\n--\n{long}"
    assert reply.split(text).reply == text


def test_what_only_a_signature_says_is_still_said() -> None:
    assert (
        reply.split(f"Sent from my iPhone\n\nOn Mon, 4 Mar 2024, Ann wrote:\n{OLD}").reply
        == "Sent from my iPhone"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("on", "On On On " * 7_000),
        ("on, by lines", "On\n" * 20_000),
        ("dashes", "-" * 100_000),
        ("dashes, by lines", "-----\n" * 20_000),
        ("quote marks", ">" * 100_000),
        ("quote marks, by lines", "> >\n" * 20_000),
        ("wrote", "wrote:\n" * 20_000),
        ("addresses", "a@b " * 25_000),
        ("headers", "From: x\n" * 12_000),
        ("headers on a line", "From: a To: b Subject: c Date: " * 4_000),
        ("blanks", " " * 100_000),
        ("blank lines", "\n" * 100_000),
        ("original", "-----Original Message-----\n" * 4_000),
        ("marks", "On 4 Mar 2024 at 10:00, a@b.example wrote:\n" * 4_000),
        ("titles on a line", ("---- a ----" * 90 + "\n") * 100),
        ("long rules in paragraphs", ("-" * 999 + "\n\n") * 100),
        ("brackets", "<" * 50_000 + ">" * 50_000),
        ("sentences", "Regards,\nAnn\n\n" * 8_000),
    ],
)  # fmt: skip
def test_no_text_takes_long(name: str, text: str) -> None:
    begun = time.process_time()
    reply.split(text)
    assert time.process_time() - begun < 3, name


def test_invisible_characters_do_not_hide_a_mark() -> None:
    assert quotes.attribution(["\u202bOn 4 Mar 2024, Ann wrote:\u202c"], 0) == 0
    assert quotes.attribution([quotes.plain_line("\u202bOn 4 Mar 2024, Ann wrote:\u202c")], 0) == 1
