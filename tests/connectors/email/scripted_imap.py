"""A small IMAP server on loopback for what Dovecot does not offer: Gmail's extension, sign-in by OAUTHBEARER alone, odd answers."""

from __future__ import annotations

import base64
import contextlib
import socketserver
from collections.abc import Iterator

from tests.connectors.email.room import tcp_server


class Script:
    """What it offers and holds, and what it was told. `mails`: (raw, Gmail labels as they stand on the wire)."""

    def __init__(
        self, *mails: tuple[bytes, str], capability: str = "IMAP4rev1 IDLE", token: str = ""
    ) -> None:
        self.mails = list(mails)
        self.capability = capability
        self.token = token
        self.told: list[str] = []
        self.shown: list[str] = []
        self.modseq = 1
        self.idling: tuple[str, ...] = ()
        """Lines that come in one piece with the word that it idles."""

    def count(self, verb: str) -> int:
        """How often a command came."""
        return sum(1 for line in self.told if line.upper().startswith(verb))


class Session(socketserver.StreamRequestHandler):
    script: Script

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self.say("* OK ready")
            for line in iter(self.rfile.readline, b""):
                tag, _, command = line.decode().strip().partition(" ")
                self.script.told.append(command)
                self.say(f"{tag} {self.answer(command)}")

    def answer(self, command: str) -> str:
        words = command.upper().split()
        verb = words[1] if words[0] == "UID" else words[0]
        return str(getattr(self, f"on_{verb.lower()}", self.on_other)(command))

    def on_other(self, _command: str) -> str:
        return "OK done"

    def on_capability(self, _command: str) -> str:
        self.say(f"* CAPABILITY {self.script.capability}")
        return "OK done"

    def on_authenticate(self, _command: str) -> str:
        self.say("+ ")
        self.script.shown.append(base64.b64decode(self.rfile.readline()).decode())
        if self.script.token in self.script.shown[-1]:
            return "OK signed in"
        self.say("+ " + base64.b64encode(b'{"status":"invalid_token"}').decode())
        self.script.shown.append(base64.b64decode(self.rfile.readline()).decode())
        return "NO [AUTHENTICATIONFAILED] wrong token"

    def on_examine(self, _command: str) -> str:
        held = len(self.script.mails)
        self.say(f"* {held} EXISTS", "* OK [UIDVALIDITY 5] x", f"* OK [UIDNEXT {held + 1}] x")
        return "OK done"

    def on_status(self, command: str) -> str:
        more = f" HIGHESTMODSEQ {self.script.modseq}" if "HIGHESTMODSEQ" in command else ""
        folder = command.split()[1]
        self.say(f"* STATUS {folder} (UIDVALIDITY 5 UIDNEXT {len(self.script.mails) + 1}{more})")
        return "OK done"

    def on_search(self, command: str) -> str:
        first = int(command.rpartition("UID ")[2].split(":")[0]) if "UID SEARCH UID" in command.upper() else 1
        held = len(self.script.mails)
        self.say("* SEARCH " + " ".join(str(n) for n in range(1, held + 1) if n >= min(first, held)))
        return "OK done"

    def on_fetch(self, command: str) -> str:
        for number in numbers(command.split()[2]):
            raw, labels = self.script.mails[number - 1]
            if "RFC822.SIZE" in command:
                gmail = f" X-GM-LABELS ({labels})" if "X-GM-LABELS" in command else ""
                date = '"04-Mar-2024 10:00:00 +0000"'
                self.say(f"* {number} FETCH (UID {number} RFC822.SIZE {len(raw)} INTERNALDATE {date}{gmail})")
            else:
                self.wfile.write(f"* {number} FETCH (UID {number} BODY[] {{{len(raw)}}}\r\n".encode() + raw)
                self.say(")")
        return "OK done"

    def on_idle(self, _command: str) -> str:
        self.say("+ idling", *self.script.idling)
        self.rfile.readline()
        return "OK done"

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


def numbers(text: str) -> list[int]:
    """The numbers of a set as it stands in a command: `1:3,7`."""
    found: list[int] = []
    for piece in text.split(","):
        first, _, last = piece.partition(":")
        found += range(int(first), int(last or first) + 1)
    return found


@contextlib.contextmanager
def scripted(script: Script, kind: type[Session] = Session) -> Iterator[int]:
    """Run it until the block ends; gives its port."""
    with tcp_server(type("Scripted", (kind,), {"script": script})) as port:
        yield port
