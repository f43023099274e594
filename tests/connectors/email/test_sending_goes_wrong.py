"""A mail on its way out of a running host, and a server that does not do what it should: what is sent, how often, and what an agent reads."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from connectors.channel import Channel
from connectors.contract import Secret
from connectors.email import MANIFEST, smtp
from connectors.email.codec import parse
from connectors.email.settings import EmailConfig, SmtpSettings
from connectors.host import Host
from stream import commands as cmd
from stream.ids import new_token
from stream.model import Message
from stream.outbox import claim
from tests.connectors.email.odd_smtp import HANG_UP, OddServer
from tests.connectors.email.room import ADDRESS, ann_works, ann_writes
from tests.connectors.ground import ANN, Ground, until

SIGN_IN: dict[str, Any] = {"user": ADDRESS, "password": Secret("secret")}


def channel(port: int, **more: Any) -> Channel:
    smtp_block = SmtpSettings(host="127.0.0.1", port=port, **{"tls": "none", **more})
    return Channel(
        name="support-email", manifest=MANIFEST, config=EmailConfig(address=ADDRESS, smtp=smtp_block)
    )


@contextlib.asynccontextmanager
async def serving(ground: Ground, odd: OddServer, **more: Any) -> AsyncIterator[Host]:
    """A host whose mail goes to the odd server."""
    await ann_works(ground)
    async with odd.running(), ground.host(channel(odd.port, **more)) as host:
        yield host


async def again(ground: Ground, row: Message) -> None:
    """The agent presses *Send again*."""
    command = cmd.RetrySend(token=new_token(), conversation=row.conversation, by=ANN, message=row.id)
    assert isinstance(await ground.journal.submit(command), cmd.Committed)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server defers is tried again at once."""
    monkeypatch.setattr(smtp, "LATER_SECONDS", 0.05)


async def test_a_greylisted_mail_goes_once_under_one_id(ground: Ground) -> None:
    odd = OddServer({"RCPT": ["451 4.7.1 greylisted"] * 6, ".": ["452 4.3.1 no room just now"]})
    async with serving(ground, odd) as host:
        row = await ground.delivery(await ann_writes(ground, host), "sent", "failed")
        assert host.health()[0].state == "connected", "a deferred recipient is no outage"
    assert (row.delivery, row.error) == ("sent", "")
    (mail,) = (parse(raw) for raw in odd.mails)
    assert (mail.message_id,) == row.provider_ids
    assert odd.count("RCPT") == 8


async def test_a_full_mailbox_is_said_with_the_server_s_sentence(ground: Ground) -> None:
    odd = OddServer({"RCPT": ["552 5.2.2 The mailbox of pat is full"]})
    async with serving(ground, odd) as host:
        row = await ground.delivery(await ann_writes(ground, host), "sent", "failed")
        assert (row.delivery, row.error) == (
            "failed",
            "pat@example.org: 552 5.2.2 The mailbox of pat is full",
        )
        await again(ground, row)
        row = await ground.delivery(row.id, "sent")
    assert len(odd.mails) == 1


async def test_one_of_several_who_is_refused_is_named_and_the_others_get_it(ground: Ground) -> None:
    odd = OddServer({"RCPT bob": ["550 5.1.1 no such user"]})
    async with serving(ground, odd) as host:
        message = await ann_writes(ground, host, cc=["bob@example.org", "eve@example.org"])
        row = await ground.delivery(message, "sent", "failed")
    assert (row.delivery, row.error) == ("sent", "Not sent to bob@example.org (550 5.1.1 no such user).")
    assert len(odd.mails) == 1


async def test_somebody_in_copy_who_is_deferred_is_waited_for_but_not_for_ever(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = OddServer({"RCPT bob": ["451 4.7.1 greylisted"]})
    async with serving(ground, odd) as host:
        row = await ground.delivery(await ann_writes(ground, host, cc=["bob@example.org"]), "sent", "failed")
        assert (row.delivery, row.error) == ("sent", "")
        monkeypatch.setattr("connectors.email.connector.COPY_SECONDS", 0.0)
        odd.every["RCPT bob"] = "452 4.2.2 mailbox full"
        row = await ground.delivery(await ann_writes(ground, host, cc=["bob@example.org"]), "sent", "failed")
    assert (row.delivery, row.error) == ("sent", "Not sent to bob@example.org (452 4.2.2 mailbox full).")
    assert len(odd.mails) == 2


async def test_a_server_that_is_slow_with_everything_is_waited_for(ground: Ground) -> None:
    odd = OddServer(extensions="AUTH PLAIN")
    odd.every = dict.fromkeys(("MAIL", "RCPT", "."), "0.15 250 Ok")
    odd.every |= {"CONNECT": "0.25 220 odd", "AUTH": "0.25 235 Ok", "DATA": "0.25 354 go on"}
    async with serving(ground, odd, timeout=1, **SIGN_IN) as host:
        row = await ground.delivery(await ann_writes(ground, host), "sent", "failed")
    assert (row.delivery, len(odd.mails), odd.connections) == ("sent", 1, 1)


async def test_a_confirmation_that_comes_too_late_makes_no_second_mail_and_is_no_answer_to_another(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.3)
    odd = OddServer({".": ["0.9 250 2.0.0 Ok, at last"]})
    async with serving(ground, odd) as host:
        row = await ground.delivery(await ann_writes(ground, host), "unknown", "sent")
        assert row.delivery == "unknown"
        assert "127.0.0.1 did not confirm it" in row.error
        other = await ground.delivery(
            await ann_writes(ground, host, "eve@example.org"), "sent", "failed", "unknown"
        )
        assert (other.delivery, odd.connections) == ("sent", 2)
        await until(lambda: _there(odd, 2))
    assert odd.count("DATA") == 2


async def _there(odd: OddServer, mails: int) -> bool:
    return len(odd.mails) >= mails


async def test_a_mail_in_doubt_is_known_by_its_id_and_sent_again_under_it(ground: Ground) -> None:
    odd = OddServer({".": [HANG_UP]})
    async with serving(ground, odd) as host:
        row = await ground.delivery(await ann_writes(ground, host), "unknown", "sent")
        first = parse(odd.mails[0]).message_id
        assert (row.delivery, row.provider_ids) == ("unknown", (first,))
        await asyncio.sleep(0.2)
        assert len(odd.mails) == 1, "nothing is repeated by itself"
        await again(ground, row)
        row = await ground.delivery(row.id, "sent")
    assert [parse(raw).message_id for raw in odd.mails] == [first, first]


async def test_a_mail_that_was_under_way_when_parley_was_killed_is_known_by_its_id(ground: Ground) -> None:
    odd = OddServer()
    async with serving(ground, odd) as host:
        host.outbox._open = False
        message = await ann_writes(ground, host)
        await claim(ground.journal.store, "killed", ["support-email"], time.time(), 10, 3_600.0)
        assert await host.outbox.recover(time.time() + 3_601.0) == 1
        row = await ground.delivery(message, "unknown")
        host.outbox._open = True
        await again(ground, row)
        await ground.delivery(message, "sent")
    assert (parse(odd.mails[0]).message_id,) == row.provider_ids


async def test_a_wrong_password_is_shown_once_and_told_once(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = OddServer(extensions="AUTH CRAM-MD5 PLAIN LOGIN")
    odd.every["AUTH"] = "535 5.7.8 wrong"
    monkeypatch.setattr("connectors.outcomes.BACKOFF_CAP", 0.05)
    with structlog.testing.capture_logs() as lines:
        async with serving(ground, odd, **SIGN_IN) as host:
            messages = [await ann_writes(ground, host, f"p{n}@example.org") for n in range(6)]
            await until(lambda: _state(host, "needs_operator"))
            await asyncio.sleep(0.6)
            report = host.health()[0]
            assert [(await ground.delivery(one, "queued", "failed")).delivery for one in messages] == [
                "queued"
            ] * 6
    assert (
        report.reason == "SMTP 127.0.0.1 refuses the name or password of support@example.com: 535 5.7.8 wrong"
    )
    assert odd.count("AUTH") == 1
    assert [line["event"] for line in lines if "channel" in line["event"]].count("channel_lost") == 1


async def _state(host: Host, state: str) -> bool:
    return host.health()[0].state == state


@pytest.mark.parametrize(
    ("odd", "more", "words"),
    [
        (OddServer({"MAIL": ["530 5.7.0 Authentication required"]}), {}, "takes no mail from us like this"),
        (OddServer(extensions=""), SIGN_IN, "offers no sign-in with a password on this port"),
        (
            OddServer(extensions=""),
            {"tls": "starttls"},
            "offers no STARTTLS on this port, so nothing is sent",
        ),
    ],
    ids=["sign in first", "no sign-in", "no starttls"],
)
async def test_what_is_the_operator_s_business_holds_mail_back(
    ground: Ground, odd: OddServer, more: dict[str, Any], words: str
) -> None:
    async with serving(ground, odd, **more) as host:
        message = await ann_writes(ground, host)

        await until(lambda: _state(host, "needs_operator"))
        assert words in host.health()[0].reason
        assert (await ground.delivery(message, "queued", "failed")).delivery == "queued"
    assert odd.mails == []


async def test_too_many_connections_are_fewer_for_a_while(ground: Ground) -> None:
    odd = OddServer({"CONNECT": ["421 4.7.0 Too many connections"], "MAIL": ["421 4.3.2 Too busy"]})
    async with serving(ground, odd) as host:
        rows = [await ann_writes(ground, host, f"p{n}@example.org") for n in range(3)]
        states = [(await ground.delivery(one, "sent", "failed")).delivery for one in rows]
    assert (states, len(odd.mails)) == (["sent"] * 3, 3)


async def test_a_mail_above_the_server_s_limit_names_both_sizes(ground: Ground) -> None:
    odd = OddServer(extensions="SIZE 200")
    async with serving(ground, odd) as host:
        row = await ground.delivery(await ann_writes(ground, host), "sent", "failed")
    assert "more than the 0.0 MB" in row.error
    assert odd.count("MAIL") == 0
