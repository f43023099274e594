"""A small OAuth 2.0 token server on loopback (RFC 6749): grants by refresh token and by client credentials, and says whose a token is.

Dovecot asks it about the tokens that clients show, so a sign-in by token is checked by a real mail server.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.process import HOST

CLIENT, CLIENT_SECRET = "parley", "client-secret-of-the-tests"


class TokenServer:
    """What it granted. `rotate`: every use of a refresh token gives a new one and ends the old; `lifetime` in seconds."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rotate = False
        self.lifetime = 3_600
        self.length = 40
        self.fails: list[tuple[int, dict[str, str]]] = []
        self.asked: list[dict[str, str]] = []
        self.codes: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self._access: dict[str, str] = {}
        self._mailbox = ""

    @property
    def token_url(self) -> str:
        """Where clients ask."""
        return f"{self.url}/token"

    def consent(self, address: str) -> str:
        """Somebody signed in and agreed: the refresh token for their mailbox."""
        token = secrets.token_urlsafe(20)
        self._refresh[token] = address
        return token

    def app_for(self, address: str) -> None:
        """The mailbox that the client may open by its own credentials."""
        self._mailbox = address

    def withdraw(self) -> None:
        """End all access tokens now, though they were promised for longer."""
        self._access.clear()

    def grant(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to a request at the token endpoint."""
        self.asked.append(form)
        if self.fails:
            return self.fails.pop(0)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        kind, refresh = form.get("grant_type"), form.get("refresh_token", "")
        code = form.get("code") or form.get("device_code", "")
        if code:
            return self._first(kind or "", form, self.codes.pop(code, ""))
        owner = self._mailbox if kind == "client_credentials" else self._refresh.get(refresh, "")
        if not owner:
            return 400, {"error": "invalid_grant", "error_description": f"no such token: {refresh}"}
        access = secrets.token_hex(self.length // 2)
        self._access[access] = owner
        answer: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": self.lifetime}
        if kind == "refresh_token" and self.rotate:
            del self._refresh[refresh]
            answer["refresh_token"] = self.consent(owner)
        return 200, answer

    def _first(self, kind: str, form: dict[str, str], owner: str) -> tuple[int, dict[str, Any]]:
        """What the first sign-in gives for its code (RFC 6749 4.1.3, RFC 8628 3.4)."""
        wanted = {
            "authorization_code": "redirect_uri" in form,
            "urn:ietf:params:oauth:grant-type:device_code": "device_code" in form,
        }
        if not owner or not wanted.get(kind):
            return 400, {"error": "invalid_grant"}
        return 200, {"refresh_token": self.consent(owner), "access_token": "x", "token_type": "Bearer"}

    def device(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A code for a program without a browser (RFC 8628 3.2)."""
        if form.get("client_id") != CLIENT or not form.get("scope"):
            return 400, {"error": "invalid_request"}
        return 200, {"device_code": "the-code", "user_code": "ABCD", "verification_uri": f"{self.url}/device"}

    def info(self, access: str) -> tuple[int, dict[str, Any]]:
        """Whose this access token is, for the mail server."""
        owner = self._access.get(access)
        return (200, {"email": owner, "active": "true"}) if owner else (401, {"error": "invalid_token"})


@contextlib.contextmanager
def token_server() -> Iterator[TokenServer]:
    """Run one until the block ends."""

    class Session(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(*(server.device(form) if self.path == "/devicecode" else server.grant(form)))

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            self.answer(*server.info(query.get("access_token", [""])[0]))

        def answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is written per request."""

    with ThreadingHTTPServer((HOST, 0), Session) as http:
        http.daemon_threads = True
        server = TokenServer(f"http://{HOST}:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join(5)
