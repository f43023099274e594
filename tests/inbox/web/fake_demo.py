"""A small house with something in every corner: channels, queues, colleagues, one conversation of every kind. For tests and for looking at."""

from inbox import views
from stream import events as ev
from stream import model
from stream.ids import new_token
from tests.inbox.web.fake_world import FakeWorld

HOUR = 3600.0
DAY = 86400.0

LETTER = """<p>Hello,</p><p>we moved into a new office last week and the invoice still shows the old address. Could you correct
<b>both</b> of these?</p><table><tr><th>Invoice</th><th>Amount</th></tr><tr><td>2024-118</td><td>1,240.00</td></tr>
<tr><td>2024-131</td><td>86.50</td></tr></table><p>Thank you!<br>Ines Castro</p><img src="https://tracker.invalid/open.gif" width="1" height="1">"""


def demo(world: FakeWorld | None = None) -> FakeWorld:
    """The house. `mara` leads it."""
    world = world or FakeWorld()
    world.team(
        ("mara", "Mara Lindqvist", "supervisor", "online", {"english": 5, "billing": 4}),
        ("jonas", "Jonas Weber", "agent", "online", {"german": 5, "billing": 3}),
        ("aiko", "Aiko Tanaka", "agent", "busy", {"japanese": 5, "technical": 4}),
        ("femi", "Femi Adeyemi", "agent", "away", {"english": 5, "orders": 4}),
        ("lena", "Lena Novák", "agent", "offline", {"czech": 5, "orders": 3}),
    )
    world.connected |= {"mara", "jonas", "aiko", "femi"}
    _chats(world)
    _letters(world)
    _queues(world)
    _elsewhere(world)
    return world


def _chats(world: FakeWorld) -> None:
    now = world.now()
    contact, (chat, mail) = world.person(
        "Ravi Menon", [("webchat", "visitor 4f2a"), ("email", "ravi@menon.example")]
    )
    _old_mail(world, mail, now)
    ident = world.start("site-chat", chat, at=now - 26 * 60, tags=("delivery",))
    world.receive(ident, "Hi! My parcel says delivered but there is nothing here 😕", now - 26 * 60)
    world.enqueue(ident, "orders", now - 26 * 60)
    world.assign(ident, "mara", now - 25 * 60)
    one = world.reply(
        ident, "mara", "Hello Ravi, sorry about that! Let me look at the tracking.", now - 24 * 60
    )
    world.deliver(ident, one, "read")
    world.receive(ident, "Thanks. The order is 48-1207.", now - 23 * 60)
    world.receive(ident, "Tracking page: https://track.example/48-1207?lang=en", now - 23 * 60 + 20)
    world.note(
        ident,
        "jonas",
        "The carrier had three such cases in that street this week. @mara",
        now - 20 * 60,
        mentions=("mara",),
    )
    two = world.reply(
        ident,
        "mara",
        "The carrier left it with a neighbour at number 14. Would you have a look there?",
        now - 18 * 60,
    )
    world.deliver(ident, two, "delivered")
    world.receive(ident, "Found it, the neighbour had it all along!", now - 4 * 60)
    world.receive(ident, "One more thing: can I change the address for the next order?", now - 3 * 60)
    _ravi_explained(world, contact, ident, now)


def _ravi_explained(world: FakeWorld, contact: str, ident: str, now: float) -> None:
    twin, _ = world.person("Ravi M.", [("telegram", "@ravimenon")])
    world.suggestions[contact] = [
        views.Suggestion(id=twin, name="Ravi M.", why="wrote the same order number on Telegram")
    ]
    world.decisions[ident] = [
        {
            "at": now - 26 * 60,
            "n": 104,
            "kind": "conversation.queued",
            "reason": "rule orders-site",
            "explain": {"v": 1, "rule": "orders-site", "when": 'channel == "site-chat"', "lang": "en"},
        },
        {
            "at": now - 25 * 60,
            "n": 106,
            "kind": "offer.made",
            "reason": "longest idle of 1 available who fit",
            "explain": {
                "v": 1,
                "at": now - 25 * 60,
                "config": "c0ffee",
                "rule": "orders-site",
                "queue": "orders",
                "need": ["english 3"],
                "units": 2,
                "waited": 60.4,
                "agents": {"fit": 2, "available": 1, "profiles_with_room": 1},
                "winner": {"agent": "mara", "name": "Mara Lindqvist", "why": "longest idle"},
                "losers": [{"agent": "femi", "name": "Femi Adeyemi", "why": "idle for 3 min less"}],
                "refused": [{"lacks": ["english 3"], "profiles": 1, "agents": 2}],
                "surprise": {"deep": [1, 2]},
            },
        },
    ]


def _old_mail(world: FakeWorld, mail: str, now: float) -> None:
    old = world.start("support-email", mail, "Delivery to a parcel locker?", now - 9 * DAY)
    world.receive(old, "Do you deliver to parcel lockers as well?", now - 9 * DAY)
    world.assign(old, "jonas", now - 9 * DAY)
    world.reply(old, "jonas", "Yes, choose the locker at checkout.", now - 8 * DAY)
    world.emit(
        ev.ConversationResolved(
            conversation=old,
            by=model.Author(kind="agent", id="jonas"),
            connector="email",
            released="jonas",
            released_units=1,
        ),
        now - 8 * DAY,
    )


def _letters(world: FakeWorld) -> None:
    now = world.now()
    _, (mail,) = world.person("Ines Castro", [("email", "ines.castro@castro.example")])
    ident = world.start(
        "support-email", mail, "Wrong address on two invoices", now - 3 * HOUR, tags=("invoice", "vip")
    )
    files = (
        model.Attachment(
            id="att_1", blob="b1", name="invoices.pdf", content_type="application/pdf", size=184_320
        ),
    )
    world.receive(
        ident,
        "Hello,\n\nwe moved into a new office last week and the invoice still shows the old address.",
        now - 3 * HOUR,
        html=LETTER,
        quoted="On Monday, Billing wrote:\n> Please find your invoice attached.",
        attachments=files,
    )
    world.enqueue(ident, "billing", now - 3 * HOUR, priority=6)
    world.assign(ident, "mara", now - 2.5 * HOUR)
    sent = world.reply(
        ident,
        "mara",
        "Dear Ines,\n\nthank you for telling us. I have corrected both; the new versions are on their way.\n\nMara",
        now - 2 * HOUR,
    )
    world.deliver(ident, sent, "failed", "The mailbox ines.castro@castro.example is full (552).")
    _, (other,) = world.person("Tomás Ortega", [("email", "tomas@ortega.example")])
    ident = world.start("support-email", other, "Question about the yearly plan", now - 5 * HOUR)
    world.receive(
        ident,
        "Good morning,\n\nis there a discount for schools on the yearly plan?\n\nBest\nTomás",
        now - 5 * HOUR,
    )
    world.assign(ident, "mara", now - 4.9 * HOUR)
    sent = world.reply(
        ident, "mara", "Good morning Tomás, yes: 30 %. Shall I send an offer?", now - 4.5 * HOUR
    )
    world.deliver(ident, sent, "unknown", "The mail server did not answer after the message was handed over.")


WAITING = (
    (
        "Chiara Russo",
        "telegram",
        "@chiara",
        "telegram",
        "orders",
        14 * 60,
        "È possibile cambiare la taglia dopo l’ordine?",
        0,
    ),
    (
        "Oskar Nilsen",
        "webchat",
        "visitor 77c1",
        "site-chat",
        "technical",
        9 * 60,
        "The app closes as soon as I open the camera.",
        3,
    ),
    (
        "Yuki Mori",
        "email",
        "yuki@mori.example",
        "support-email",
        "billing",
        47 * 60,
        "請求書の宛名を変更できますか。",
        0,
    ),
    (
        "Amara Diallo",
        "webchat",
        "visitor 19ab",
        "site-chat",
        "orders",
        2 * 60,
        "Bonjour, où en est ma commande ?",
        9,
    ),
    (
        "Order system",
        "webhook",
        "shop-7",
        "orders-hook",
        "orders",
        70,
        "Payment of order 48-1311 was refused twice.",
        0,
    ),
)
HELD: tuple[tuple[str, str, str, str, float], ...] = (
    ("Dmitri Volkov", "jonas", "site-chat", "Kann ich per Rechnung zahlen?", 30 * 60),
    ("Sofia Almeida", "jonas", "telegram", "Danke, das hat geholfen!", 75 * 60),
    ("Noor Haddad", "aiko", "site-chat", "It still shows error 1107 after the update.", 12 * 60),
    ("Peter van Dijk", "femi", "telegram", "Any news about my refund?", 2.2 * HOUR),
    ("Hanna Kowalska", "mara", "telegram", "Perfect, thank you so much.", 6 * HOUR),
    ("Luca Bianchi", "mara", "site-chat", "I will try that tonight and write again.", 22 * HOUR),
)


def _queues(world: FakeWorld) -> None:
    now = world.now()
    for name, scheme, address, channel, queue, age, text, priority in WAITING:
        _, (identity,) = world.person(name, [(scheme, address)])
        subject = "宛名の変更" if scheme == "email" else ""
        ident = world.start(channel, identity, subject, now - age)
        world.receive(ident, text, now - age)
        world.enqueue(ident, queue, now - age, priority=priority)
    _held(world, now)


def _held(world: FakeWorld, now: float) -> None:
    for name, agent, channel, text, past in HELD:
        ago = float(past)
        _, (identity,) = world.person(name, [("webchat", f"visitor {len(name)}{agent}")])
        ident = world.start(channel, identity, at=now - ago - 600)
        world.receive(ident, "Hello?", now - ago - 600)
        world.enqueue(ident, "technical" if agent == "aiko" else "orders", now - ago - 500)
        world.assign(ident, agent, now - ago - 400)
        world.reply(ident, agent, "I am looking into it.", now - ago - 200)
        world.receive(ident, text, now - ago)
        if agent == "mara":
            world.emit(ev.ConversationRead(conversation=ident, seq=3, agent="mara"), now - ago + 30)


def _elsewhere(world: FakeWorld) -> None:
    now = world.now()
    me = model.Author(kind="agent", id="mara")
    for index, (name, text) in enumerate(
        (("Greta Holm", "See you next week!"), ("Marek Dvořák", "Solved, thanks."))
    ):
        _, (identity,) = world.person(name, [("email", f"{index}@holm.example")])
        ident = world.start("support-email", identity, "Appointment", now - 2 * DAY)
        world.receive(ident, text, now - 2 * DAY)
        world.assign(ident, "mara", now - 2 * DAY)
        if index:
            world.emit(
                ev.ConversationResolved(
                    conversation=ident, by=me, connector="email", released="mara", released_units=1
                ),
                now - DAY,
            )
        else:
            world.emit(
                ev.ConversationSnoozed(
                    conversation=ident,
                    until=now + DAY,
                    by=me,
                    connector="email",
                    released="mara",
                    released_units=1,
                ),
                now - DAY,
            )
    _, (identity,) = world.person("Prize Draw", [("email", "win@prize.example")])
    ident = world.start("support-email", identity, "You have won", now - DAY, spam=True)
    world.receive(ident, "Click here to claim.", now - DAY)


def long_thread(world: FakeWorld, count: int = 600) -> str:
    """A conversation of `mara` with many messages; answers its id."""
    now = world.now()
    _, (identity,) = world.person("Long Talk", [("webchat", f"visitor {new_token()[-4:]}")])
    ident = world.start("site-chat", identity, at=now - 2 * DAY)
    world.assign(ident, "mara", now - 2 * DAY)
    for index in range(count):
        at = now - 2 * DAY + index * 60
        if index % 3:
            world.receive(ident, f"Line {index + 1} of a long talk", at)
        else:
            world.deliver(ident, world.reply(ident, "mara", f"Line {index + 1}, from us", at), "read")
    return ident
