"""The guess at a language, and where it rather says nothing."""

from __future__ import annotations

import pytest

from router.language import guess, plain
from router.rules import Facts, Rules
from router.words import words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich habe eine Frage zu meiner Bestellung", "de"),
        ("Guten Tag, wann wird das Paket geliefert?", "de"),
        ("I have a question about my order", "en"),
        ("When will the parcel be delivered?", "en"),
        ("Hola, tengo una pregunta sobre mi pedido", "es"),
        ("¿Cuándo llega el paquete? Gracias", "es"),
        ("Bonjour, j'ai une question sur ma commande", "fr"),
        ("Quand est-ce que le colis arrive ?", "fr"),
        ("hello", ""),
        ("", ""),
        ("Rechnung", ""),
        ("SKU 4711 / 0815", ""),
    ],
)
def test_guesses(text: str, language: str) -> None:
    assert guess(words(text)) == language


@pytest.mark.parametrize(
    ("stated", "language"), [("pt-BR", "pt"), ("zh_Hans", "zh"), ("DE", "de"), ("en", "en"), ("", "")]
)
def test_a_stated_language_counts_without_its_region(stated: str, language: str) -> None:
    assert plain(stated) == language
    assert Rules().values(Facts(at=0.0, language=stated))["lang"] == language
