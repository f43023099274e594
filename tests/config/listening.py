"""A program beside Parley that is told by webhook what happens: it keeps what came and answers as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connectors.contract import Secret, Verification
from connectors.kit.signatures import check_of

SECRET = "whsec_bm90IGEgc2VjcmV0IGF0IGFsbCwgYSB0ZXN0"


class Listener:
    """Listens on a free port; `answers` are the statuses of the first requests, then it answers 204."""

    def __init__(self, *answers: int) -> None:
        self.heard: list[tuple[dict[str, str], dict[str, Any], bool]] = []
        left = list(answers)
        heard, genuine = self.heard, _genuine()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                heard.append((headers, json.loads(body), genuine(headers, body, time.time())))
                self.send_response(left.pop(0) if left else 204)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Nothing is said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.at = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def until(self, count: int, seconds: float = 20.0) -> list[dict[str, Any]]:
        """What came, once there are so many."""
        end = time.monotonic() + seconds
        while len(self.heard) < count:
            assert time.monotonic() < end, self.heard
            time.sleep(0.02)
        return [body for _headers, body, _genuine in self.heard]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _genuine() -> Callable[[dict[str, str], bytes, float], bool]:
    return check_of(Verification(scheme="standard-webhooks", secret="secrets"), [Secret(SECRET)])
