"""Making raw mails for tests: header lines and bodies as bytes, with nothing added that a test does not ask for."""

from __future__ import annotations

import base64

HEAD = "From: Ann Lee <ann@example.org>\nTo: support@example.com\nSubject: Question\nDate: Mon, 4 Mar 2024 10:15:00 +0100\nMessage-ID: <q1@example.org>\n"


def letter(head: str = "", body: str = "Hello", *, base: str = HEAD, charset: str = "utf-8") -> bytes:
    """A mail with the usual header, `head` below it, and `body`."""
    return (base + head + "\n" + body).encode(charset, "surrogateescape").replace(b"\n", b"\r\n")


def headed(head: str, body: str = "Hello") -> bytes:
    """A mail with exactly these header lines."""
    return letter(head, body, base="")


def plain(text: str, subject: str = "Question") -> bytes:
    """A plain mail in UTF-8."""
    return letter(
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
        text,
        base=HEAD.replace("Subject: Question", f"Subject: {subject}"),
    )


def html(source: str, subject: str = "Question") -> bytes:
    """A mail with nothing but HTML."""
    return letter(
        "Content-Type: text/html; charset=utf-8\n",
        source,
        base=HEAD.replace("Subject: Question", f"Subject: {subject}"),
    )


def part(content_type: str, body: str = "", *more: str, encode: bool = False) -> str:
    """A part of a multipart; with `encode` its body is put into base64."""
    lines = [f"Content-Type: {content_type}", *more]
    if encode:
        lines.append("Content-Transfer-Encoding: base64")
        body = base64.encodebytes(body.encode("utf-8", "surrogateescape")).decode()
    return "\n".join(lines) + "\n\n" + body


def multipart(kind: str, *parts: str, boundary: str = "b1", head: str = "") -> bytes:
    """A mail of several parts."""
    return letter(f"MIME-Version: 1.0\n{head}" + container(kind, *parts, boundary=boundary, lead=""))  # fmt: skip


def container(kind: str, *parts: str, boundary: str = "b2", lead: str = "") -> str:
    """A multipart as text: to be nested, or to be the whole of a mail."""
    body = "".join(f"--{boundary}\n{one}\n" for one in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{lead}{body}--{boundary}--\n'
