"""Five journeys, each with a real browser and real servers, embedded and scaled out: in at the channel, to the agent, out to the customer."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import imaplib
import re
import smtplib
import time
from email.message import EmailMessage
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.bench.load import signed_request
from tests.fakes.bot_api import FakeBotApi
from tests.fakes.webhook_receiver import FakeReceiver
from tests.floor.house import SECRET
from tests.journeys.deployment import BOT_SECRET, Deployment, Places
from tests.journeys.desk import Desk, Visitor
from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.postfix import PostfixServer

pytestmark = pytest.mark.timeout(120)
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def test_from_the_widget_to_the_agent_and_back(browser: Browser, deployment: Deployment) -> None:
    greta = await Desk.open(browser, deployment, "greta")
    henry = await Desk.open(browser, deployment, "henry")
    visitor = await Visitor.open(browser, deployment)
    await visitor.write("Guten Tag, meine Rechnung ist falsch")
    await greta.accept()
    await greta.read("meine Rechnung ist falsch")
    assert await henry.page.get_by_role("alertdialog").count() == 0, (
        "skills decide, although Henry is idle too"
    )
    await greta.page.locator("#composer-text").press_sequentially("Ich sehe")
    await expect(visitor.chat.locator("#typing")).not_to_be_empty()
    await greta.reply("Ich sehe sofort nach.")
    await visitor.reads("Ich sehe sofort nach.")
    await visitor.field.press_sequentially("Danke")
    await expect(greta.page.locator(".typing, .row-typing").first).to_be_visible()
    await visitor.page.reload()  # an open chat stays open
    await visitor.reads("meine Rechnung ist falsch")
    await visitor.reads("Ich sehe sofort nach.")
    assert greta.faults == []


async def test_from_a_mail_to_the_agent_and_into_the_same_thread(
    browser: Browser, deployment: Deployment, places: Places, dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    henry = await Desk.open(browser, deployment, "henry")
    customer, friend, audit = (dovecot.mailbox(name) for name in ("customer", "friend", "audit"))
    _ask(postfix, customer, places.mailbox, friend)
    await henry.accept()
    await henry.read("Where is my parcel?")
    await henry.page.get_by_role("button", name="Bcc").click()
    await henry.page.keyboard.type(audit.address)
    await henry.page.locator("#composer-text").press_sequentially("/parcel")
    await henry.page.get_by_role("option", name=re.compile("Dear Pat,")).wait_for()
    await henry.page.keyboard.press("Enter")
    await henry.page.keyboard.press("Control+Enter")
    sent = await henry.read("It left the warehouse this morning.")
    await expect(sent.locator(".message-copied")).to_contain_text("Kim Lake")
    answer = await _mail(dovecot, customer, "Dear Pat,")
    assert str(answer["Cc"]) == f"Kim Lake <{friend.address}>"
    assert "Bcc" not in answer
    for other in (friend, audit):
        assert (await _mail(dovecot, other, "warehouse"))["Message-ID"] == answer["Message-ID"]
    assert answer["In-Reply-To"] == "<first-question@example.org>"
    assert "<first-question@example.org>" in answer["References"]
    assert answer["Subject"] == "Re: Late parcel"
    _answer(postfix, customer, places.mailbox, answer["Message-ID"])
    await _reads_a_letter(henry)


def _answer(postfix: PostfixServer, customer: Mailbox, to: Mailbox, answered: str) -> None:
    again = EmailMessage()
    again["From"], again["To"], again["Subject"] = customer.address, to.address, "Re: Late parcel"
    again["In-Reply-To"] = answered
    again["Message-ID"] = "<second-question@example.org>"
    again.set_content("Thank you, it is here!\n")
    again.add_alternative(
        '<p>Thank you, it is here! <img src="cid:proof"> <img src="https://shop.invalid/logo.png"></p>',
        "html",
    )
    rich = again.get_payload(1)
    assert isinstance(rich, EmailMessage)
    rich.add_related(PICTURE, "image", "png", cid="<proof>")
    with smtplib.SMTP(postfix.host, postfix.port) as smtp:
        smtp.send_message(again)


async def _reads_a_letter(desk: Desk) -> None:
    """The frame has no origin: without its stylesheet it would be black on white in every theme."""
    letter = desk.page.frame_locator(".mail-frame")
    near, far = (letter.locator(f"img[src^='{kind}']") for kind in ("data:image/png", "https://shop.invalid"))
    await expect(letter.locator("body")).to_have_css("line-height", "22.4px")
    await expect(near).to_have_count(1)
    await expect(letter.locator(".held")).to_have_count(1)
    assert desk.faults == []
    await desk.page.get_by_role("button", name="Show it").click()
    await expect(far).to_have_count(1)
    await expect(near).to_have_count(1)
    await expect(letter.locator("body")).to_have_css("line-height", "22.4px")


def _ask(postfix: PostfixServer, customer: Mailbox, to: Mailbox, friend: Mailbox) -> None:
    ask = EmailMessage()
    ask["From"], ask["To"], ask["Subject"] = f"Pat Jones <{customer.address}>", to.address, "Late parcel"
    ask["Cc"] = f"Kim Lake <{friend.address}>"
    ask["Message-ID"] = "<first-question@example.org>"
    ask.set_content("Where is my parcel?\n")
    with smtplib.SMTP(postfix.host, postfix.port) as smtp:
        smtp.send_message(ask)


async def _mail(dovecot: DovecotServer, box: Mailbox, text: str) -> EmailMessage:
    for _ in range(400):
        found = await asyncio.to_thread(_look, dovecot, box, text)
        if found is not None:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"no mail with {text!r} came to {box.address}")


def _look(dovecot: DovecotServer, box: Mailbox, text: str) -> EmailMessage | None:
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as imap:
        imap.login(box.address, box.password)
        imap.select("INBOX")
        _, found = imap.search(None, "ALL")
        for number in found[0].split():
            _, parts = imap.fetch(number.decode(), "(RFC822)")
            part = parts[0]
            assert isinstance(part, tuple)
            mail = email.message_from_bytes(part[1], policy=email.policy.default)
            body = mail.get_body(("plain",))
            if body is not None and text in body.get_content():
                return mail
    return None


async def test_from_a_telegram_update_to_the_agent_and_out_by_the_bot_api(
    browser: Browser, deployment: Deployment, bot: FakeBotApi
) -> None:
    henry = await Desk.open(browser, deployment, "henry")
    update = {
        "update_id": 1001,
        "message": {
            "message_id": 7, "date": int(time.time()), "text": "Hello from my phone",
            "chat": {"id": 555, "type": "private", "first_name": "Robin"},
            "from": {"id": 555, "is_bot": False, "first_name": "Robin"},
        },
    }  # fmt: skip
    async with aiohttp.ClientSession() as session:
        for secret, status in (("wrong", 401), (BOT_SECRET, 200), (BOT_SECRET, 200)):
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
            async with session.post(f"{deployment.hooks}/hooks/bot", json=update, headers=headers) as answer:
                assert answer.status == status
    await henry.accept()
    await henry.read("Hello from my phone")
    await henry.reply("Hello Robin, how can I help?")
    (sent,) = await bot.wait_sent(1, 15)
    assert (sent.method, str(sent.params["chat_id"]), sent.params["text"]) == (
        "sendMessage",
        "555",
        "Hello Robin, how can I help?",
    )
    assert await henry.page.locator(".message", has_text="Hello from my phone").count() == 1
    assert henry.faults == []


async def test_from_a_signed_webhook_to_the_agent_and_out_as_a_signed_webhook(
    browser: Browser, deployment: Deployment, receiver: FakeReceiver
) -> None:
    henry = await Desk.open(browser, deployment, "henry")
    assert await _post(deployment, signed_request("/hooks/shop", b"x" * 32, "m0", "dana")) == 401
    assert await _post(deployment, signed_request("/hooks/shop", SECRET, "m1", "dana")) // 100 == 2
    assert await _post(deployment, signed_request("/hooks/nowhere", SECRET, "m1", "dana")) == 404
    await henry.accept()
    await henry.read("[m1] Hello")
    await henry.reply("We are on it.")
    (received,) = await receiver.wait(1, 15)
    assert "We are on it." in str(received.event)
    assert receiver.refused == []
    assert henry.faults == []


async def _post(deployment: Deployment, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", deployment.hooks_port)
    writer.write(request)
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1])


async def test_the_same_person_on_two_channels_is_merged_into_one_timeline(
    browser: Browser, deployment: Deployment
) -> None:
    henry = await Desk.open(browser, deployment, "henry")
    assert await _post(deployment, signed_request("/hooks/shop", SECRET, "m1", "dana")) // 100 == 2
    await henry.accept()
    visitor = await Visitor.open(browser, deployment)
    await visitor.write("It is me again, on your site")
    await henry.accept()
    await henry.read("It is me again, on your site")
    token = deployment.house.tokens["henry"]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        mine = await _get(session, f"{deployment.page}/api/v1/conversations?view=mine")
        by_channel = {row["channel"]: row for row in mine["items"]}
        shop, site = by_channel["shop"]["contact"]["id"], by_channel["website"]["contact"]["id"]
        async with session.post(
            f"{deployment.page}/api/v1/contacts/{shop}/merge", json={"contact": site}
        ) as answer:
            assert answer.status == 200, await answer.text()
        timeline = await _get(session, f"{deployment.page}/api/v1/contacts/{shop}/timeline")
        assert {entry["conversation"]["channel"] for entry in timeline["items"]} == {"shop", "website"}
        async with session.post(
            f"{deployment.page}/api/v1/contacts/{shop}/unmerge", json={"contact": site}
        ) as answer:
            assert answer.status == 200, await answer.text()
        timeline = await _get(session, f"{deployment.page}/api/v1/contacts/{shop}/timeline")
        assert {entry["conversation"]["channel"] for entry in timeline["items"]} == {"shop"}
    assert henry.faults == []


async def _get(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with session.get(url) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found
