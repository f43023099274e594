"""Each real server answers as the suites expect: SMTP in is IMAP out, a bucket keeps bytes, a browser runs our page."""

import asyncio
import email.message
import imaplib
import smtplib
import ssl
import subprocess
import time
import urllib.request

import aiosmtplib
import asyncpg
import obstore
import pytest
import redis.asyncio
from aiohttp import web
from obstore.store import S3Store
from playwright.async_api import Browser

from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.postfix import PostfixServer
from tests.servers.postgres import PostgresServer
from tests.servers.s3 import S3Server
from tests.servers.web import web_server


async def test_redis_is_empty_and_publishes(redis_url: str) -> None:
    async with (
        redis.asyncio.Redis.from_url(redis_url, decode_responses=True) as client,
        client.pubsub() as heard,
    ):
        assert await client.dbsize() == 0
        await heard.subscribe("appended")
        await client.publish("appended", "7")
        message = None
        while message is None or message["type"] != "message":
            message = await heard.get_message(timeout=5)
        assert message["data"] == "7"


async def test_postgres_gives_a_fresh_database_with_full_text(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    found = await connection.fetchval(
        "SELECT to_tsvector('simple', 'late parcel') @@ to_tsquery('simple', 'par:*')"
    )
    await connection.execute("CREATE EXTENSION unaccent")
    folded = await connection.fetchval("SELECT unaccent('Grüße')")
    await connection.close()
    assert (tables, found, folded) == (0, True, "Grusse")


def test_postgres_is_not_run_by_root(postgres_server: PostgresServer) -> None:
    user = subprocess.run(
        ["ps", "-o", "uid=", "-p", str(postgres_server.pid)], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert user != "0"


def _mail(sender: Mailbox, recipient: str, subject: str) -> email.message.EmailMessage:
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender.address, recipient, subject
    mail["Message-ID"] = f"<{subject}@parley.example>"
    mail.set_content("Where is my parcel?\n")
    return mail


def _wait_for_mail(dovecot: DovecotServer, box: Mailbox, seconds: float = 30.0) -> bytes:
    deadline = time.monotonic() + seconds
    context = ssl.create_default_context(cafile=dovecot.ca_file)
    with imaplib.IMAP4_SSL(dovecot.host, dovecot.imaps_port, ssl_context=context) as client:
        client.login(box.address, box.password)
        while time.monotonic() < deadline:
            client.select("INBOX")
            _, found = client.search(None, "ALL")
            if found[0]:
                _, parts = client.fetch(found[0].split()[0].decode(), "(RFC822)")
                assert isinstance(parts[0], tuple)
                return bytes(parts[0][1])
            time.sleep(0.1)
    pytest.fail(f"no mail for {box.address} within {seconds} s")


async def test_smtp_in_is_imap_out(postfix: PostfixServer, dovecot: DovecotServer) -> None:
    sender, support = dovecot.mailbox("customer"), dovecot.mailbox("support")
    mail = _mail(sender, support.address, "parcel")
    await aiosmtplib.send(mail, hostname=postfix.host, port=postfix.port, start_tls=False)
    received = await asyncio.to_thread(_wait_for_mail, dovecot, support)
    assert b"Where is my parcel?" in received
    assert b"Message-ID: <parcel@parley.example>" in received


async def test_submission_signs_in_over_starttls(postfix: PostfixServer, dovecot: DovecotServer) -> None:
    support, customer = dovecot.mailbox("support"), dovecot.mailbox("customer")
    await aiosmtplib.send(
        _mail(support, customer.address, "reply"),
        hostname=postfix.host,
        port=postfix.port,
        start_tls=True,
        tls_context=ssl.create_default_context(cafile=postfix.ca_file),
        username=support.address,
        password=support.password,
    )
    assert b"Subject: reply" in await asyncio.to_thread(_wait_for_mail, dovecot, customer)


def test_submission_refuses_a_wrong_password(postfix: PostfixServer, dovecot: DovecotServer) -> None:
    support = dovecot.mailbox("support")
    with smtplib.SMTP(postfix.host, postfix.port) as client:
        client.starttls(context=ssl.create_default_context(cafile=postfix.ca_file))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(support.address, "wrong")


async def test_mail_to_nobody_bounces_to_its_sender(postfix: PostfixServer, dovecot: DovecotServer) -> None:
    sender = dovecot.mailbox("support")
    mail = _mail(sender, f"nobody-here@{dovecot.domain}", "lost")
    await aiosmtplib.send(mail, hostname=postfix.host, port=postfix.port, start_tls=False)
    bounce = await asyncio.to_thread(_wait_for_mail, dovecot, sender)
    assert b"multipart/report" in bounce


def test_imap_idles_and_tells_uidvalidity(dovecot: DovecotServer) -> None:
    box = dovecot.mailbox("support")
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as client:
        client.login(box.address, box.password)
        assert "IDLE" in client.capabilities
        status, answer = client.status("INBOX", "(UIDVALIDITY UIDNEXT)")
        assert status == "OK"
        assert b"UIDVALIDITY" in answer[0]
        with pytest.raises(imaplib.IMAP4.error):
            client.login(box.address, "wrong")


def test_dovecot_is_administered_while_it_runs(dovecot: DovecotServer) -> None:
    box = dovecot.mailbox("support")
    dovecot.admin("mailbox", "create", "-u", box.address, "Archive")
    assert "Archive" in dovecot.admin("mailbox", "list", "-u", box.address).split()


async def test_a_bucket_keeps_bytes(s3_server: S3Server, s3_bucket: str) -> None:
    store = S3Store(
        s3_bucket,
        endpoint=s3_server.url,
        region=s3_server.region,
        access_key_id=s3_server.access_key,
        secret_access_key=s3_server.secret_key,
        client_options={"allow_http": True},
    )
    await obstore.put_async(store, "attachments/1", b"\x00parcel.jpg" * 1000)
    kept = await obstore.get_async(store, "attachments/1")
    assert bytes(await kept.bytes_async()) == b"\x00parcel.jpg" * 1000
    await obstore.delete_async(store, "attachments/1")
    with pytest.raises(FileNotFoundError):
        await obstore.get_async(store, "attachments/1")


async def test_the_bucket_also_answers_plain_http(s3_server: S3Server) -> None:
    answer = await asyncio.to_thread(urllib.request.urlopen, s3_server.url, timeout=10)
    with answer:
        assert s3_server.bucket.encode() in answer.read()


PAGE = """<!doctype html><title>page</title><p id="out"></p><script type="module">
const socket = new WebSocket(location.href.replace("http", "ws") + "socket");
socket.onmessage = (event) => { document.querySelector("#out").textContent = event.data; };
</script>"""


async def _page(request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


async def _socket(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str("hello from the socket")
    await socket.close()
    return socket


async def test_the_browser_runs_a_page_with_a_socket(browser: Browser) -> None:
    app = web.Application()
    app.add_routes([web.get("/", _page), web.get("/socket", _socket)])
    async with web_server(app) as port:
        page = await (await browser.new_context()).new_page()
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.get_by_text("hello from the socket").wait_for(timeout=10_000)


async def test_the_browser_cannot_leave_the_machine(browser: Browser) -> None:
    page = await (await browser.new_context()).new_page()
    for address in ("http://outside.example/", "http://192.0.2.1/"):
        with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
            await page.goto(address)
