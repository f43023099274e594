"""What the demo's busy customers say: invented people of an invented shop, in three languages. Data only."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """A customer: how they are called, where they write, and their sentences in order. They answer each reply with the next one."""

    name: str
    language: str
    channel: str
    lines: tuple[str, ...]


THANKS = {"en": "Thank you, that helps!", "de": "Danke, das hilft mir!", "es": "¡Gracias, eso me ayuda!"}

PARTS = (
    Part("Nina", "en", "website", ("Hi! Do you ship to Norway?", "And how long does it take?", "Great.")),
    Part("Jonas", "de", "website", ("Hallo, auf meiner Rechnung steht ein falscher Betrag.", "Es sind 12 Euro zu viel.", "Danke!")),
    Part("Lucía", "es", "website", ("Hola, no entiendo un cobro en mi factura.", "Es del martes pasado.", "Perfecto.")),
    Part("Owen", "en", "partner-api", ("The export fails with an error since this morning.", "Error 17, on every file.", "Works again.")),
    Part("Mara", "en", "website", ("What is the price for ten seats?", "Per year?", "I will talk to my team.")),
    Part("Felix", "de", "partner-api", ("Das Login geht nicht mehr, ich bekomme einen Fehler.", "Ja, mit dem neuen Passwort.", "Jetzt geht es.")),
    Part("Sofía", "es", "partner-api", ("¿Tienen un presupuesto para una escuela?", "Somos unos treinta.", "Gracias.")),
    Part("Tom", "en", "echo", ("Is anybody there? My order has not arrived.", "It is number 4711.", "Thanks.")),
    Part("Greta", "de", "website", ("Kann ich meine Bestellung noch ändern?", "Eine Größe kleiner, bitte.", "Super.")),
    Part("Pablo", "es", "website", ("La aplicación se cierra sola al abrir una foto.", "En un teléfono nuevo.", "De acuerdo.")),
    Part("Ivy", "en", "partner-api", ("I was charged twice, please refund one of them.", "The one from Monday.", "Thank you.")),
    Part("Emil", "de", "echo", ("Wann habt ihr samstags offen?", "Auch vor Feiertagen?", "Alles klar.")),
    Part("Ruth", "en", "website", ("URGENT: the checkout is broken for all our customers!", "Since ten minutes.", "It is back, phew.")),
    Part("Carlos", "es", "echo", ("Hola, ¿puedo pagar por transferencia?", "¿Cuánto tarda?", "Vale.")),
    Part("Hanna", "de", "partner-api", ("Bitte schickt mir die letzte Rechnung noch einmal.", "Die vom Oktober.", "Angekommen.")),
    Part("Leo", "en", "website", ("Can I see a demo next week?", "Tuesday would be good.", "See you then.")),
)  # fmt: skip
