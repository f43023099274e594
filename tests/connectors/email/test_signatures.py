"""Signatures: of the writer's own name, of programs, and below closings, in many languages; the other kinds are judged in `test_reply` and by the corpus."""

from __future__ import annotations

import time

import pytest

from connectors.email import reply, signatures

AUTHOR = "Ann Lee"


@pytest.mark.parametrize(
    "block",
    [
        "Ann Lee",
        "*Ann Lee*",
        "Lee, Ann",
        "Ann M. Lee | Sales\nExample Inc.",
        "ANN LEE\nSales\n\nExample GmbH\nTel. 0123 456789",
        "Ann Lee - Sales\nann@example.org",
    ],
)
def test_the_writers_name_heads_a_signature(block: str) -> None:
    text = f"The new words.\n\n{block}"
    assert reply.split(text, author=AUTHOR).reply == "The new words."
    assert (
        reply.split(f"{text}\n\nOn 4 Mar 2024, Bob <b@example.org> wrote:\n> old", author=AUTHOR).reply
        == "The new words."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee",
        "Ann Lee\nis my name.",
        "Please send it to:\n\nAnn Lee\n5 Main Street\nTel. 0123 456789",
        "Please send it.\n\nAnn Lee\n5 Main Street\n12345 Town",
        "My name is wrong. It must be\n\nAnn Lee",
        "My name has changed.\n\nAnn Lee-Stone",
        "Who signed?\n\nAnn Lee signed it.",
        "The new words.\n\nAnn",
        "The new words.\n\nBob Stone | Sales",
    ],
)
def test_a_name_that_is_said_stays(text: str) -> None:
    assert reply.split(text, author=AUTHOR).reply == text


@pytest.mark.parametrize("author", ["", "Ann", "support@example.com", "a b c d e f g"])
def test_without_a_full_name_nothing_is_looked_for(author: str) -> None:
    lines = ["words.", "", author or "x", "Tel. 0123 456789"]
    assert signatures.below_name(lines, author) == len(lines)


def test_a_long_name_takes_no_time() -> None:
    begun = time.process_time()
    signatures.below_name(["x", "", "Ann " * 200] * 2_000, "Ann Ann Ann Ann Ann")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "text",
    [
        "Hi\n\nResults\n-------\nAll good\nmore text here",
        "Numbers\n\n-----\n1. one\n2. two\n-----\nend of it",
        "What we need:\n-----\nPaper\nInk",
        "First this\n\n_____\n\nthen that",
    ],
)
def test_lines_that_divide_or_underline_what_is_said_begin_no_signature(text: str) -> None:
    assert reply.split(text).reply == text


def test_below_a_line_with_a_name_one_begins() -> None:
    assert reply.split("Here it is.\n\n-----\nAnn Lee\nExample Inc.").reply == "Here it is."


@pytest.mark.parametrize(
    "line",
    [
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Skaffa Outlook för iOS",
        "Pobierz program Outlook dla systemu iOS",
        "Az iOS-hez készült Outlook letöltése",
        "iOS için Outlook'u edinin",
        "Λήψη του Outlook για Android",
        "الحصول على Outlook لـ iOS",
        "iOS 版 Outlook を入手する",
        "下载适用于 iOS 的 Outlook",
        "iOS용 Outlook 다운로드",
        "Dapatkan Outlook untuk iOS",
        "Envoyé depuis mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.",
        "Enviado desde mi dispositivo Android con K-9 Mail. Por favor, disculpa mi brevedad.",
        "Простите за краткость, создано в K-9 Mail.",
        "Galaxy készülékemről küldve",
        "Von Yahoo Mail für iPhone gesendet",
        "Skickades från E-post för Windows",
        "Отправлено с мобильного устройства",
        "Sent from my Verizon, Samsung Galaxy smartphone",
        "发送自 Windows 版邮件应用",
        "삼성 Galaxy 스마트폰에서 보냈습니다.",
        "मेरे iPhone से भेजा गया",
    ],
)
def test_what_programs_sign_with_in_other_languages(line: str) -> None:
    assert reply.split(f"The lamp is broken.\n\n{line}").reply == "The lamp is broken."


@pytest.mark.parametrize(
    "closing",
    [
        "Have a nice day,", "Talk soon", "Mit freundlichem Gruß", "Vielen Dank", "Meilleures salutations", "À bientôt,", "Alvast bedankt",
        "Tack på förhand", "Mange hilsner", "Kiitos", "S přátelským pozdravem", "Ďakujem", "Mulțumesc", "Спасибо", "Ευχαριστώ", "Teşekkürler", "Saúdos",
        "Bestu kveðjur", "Schönes Wochenende!", "Greetings from Vienna,", "Veuillez agréer l'expression de mes salutations distinguées.", "با تشکر", "以上、よろしくお願いいたします。", "Much appreciated,",
    ],
)  # fmt: skip
def test_closings_above_a_name(closing: str) -> None:
    assert reply.split(f"The lamp is broken.\n\n{closing}\nAnn Lee").reply == "The lamp is broken."
    assert reply.split(f"The lamp is broken.\n\n{closing}\n\nann").reply == "The lamp is broken."


@pytest.mark.parametrize(
    "text",
    [
        "It came.\n\nThank you!\nIt works.",
        "It came.\n\nBest wishes\nto your mother",
        "Hello.\n\nThanks\nfor the help",
        "Hello.\n\nSee you\nMonday",
        "It is broken.\n\nThank you,\nfor looking",
        "It is broken.\n\nThanks!\n\nPlease call",
        "Please send it.\n\nThanks.\n\nYes",
        "Please send it.\n\nHave a nice day",
        "Bin da.\n\nVielen Dank\nfür die Hilfe",
        "Сломано.\n\nСпасибо\nза помощь",
        "My program is\n\nOutlook for iOS",
        "Moved.\n\nThanks!\nMy new number:\n0123 456789",
        "Moved.\n\nThank you\nPlease write to\nann@example.org",
        "It broke.\n-----\nMy mail is now ann@hotmail.com, and it works fine.",
    ],
)
def test_words_below_a_closing_that_are_no_name_stay(text: str) -> None:
    assert reply.split(text).reply == text
