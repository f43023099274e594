"""What a mail is once it has been read: the structs that `codec.parse` returns. No parsing here."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from connectors.email import transfer


class MailAddress(msgspec.Struct, frozen=True):
    """One mailbox of an address header. `address` is as written, without brackets; `name` is decoded, may be empty."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a mail. `filename` is safe to show and to store under (no path, no control or direction characters).

    `content_type` is lower case, without parameters, and a claim of the sender. `content_id` has no angle brackets.
    `inline` means that the body refers to it or that the sender wants it shown within the text. `size` is in bytes, decoded.
    """

    filename: str
    content_type: str
    size: int
    content_id: str = ""
    inline: bool = False
    encoding: str = ""
    source: bytes = b""

    @property
    def content(self) -> bytes:
        """The decoded bytes; decoded anew each time, so that a parsed mail stays as small as its raw form."""
        return transfer.decode(self.source, self.encoding)


class Bounce(msgspec.Struct, frozen=True, kw_only=True):
    """A report that a mail of somebody was not (or not yet) delivered.

    `status` is the enhanced code (RFC 3463, `5.1.1`), or empty; `hard` means that trying again is pointless: the address itself is
    bad, or the server names no reason that could pass (a full mailbox and a refused content could). `recipient` is the address that
    failed; `original_message_id` the mail that failed, without brackets. `action` is RFC 3464's: a `delayed` mail has not failed.
    `text` is the server's sentence. `in_copy`: the mail that failed has the address in Cc, and was meant for somebody else.
    """

    status: str = ""
    hard: bool = False
    recipient: str = ""
    original_message_id: str = ""
    action: str = "failed"
    text: str = ""
    in_copy: bool = False


AutoKind = Literal["vacation", "reply", "generated", "receipt", "report"]
"""Why a mail is automatic: vacation (somebody is away), reply (an automatic answer), generated (a machine's own mail), receipt
(read or delivery receipt), report (feedback or bounce)."""


class Forwarded(msgspec.Struct, frozen=True, kw_only=True):
    """The original of a forwarded mail, as its header block in the text says. Hints for an agent, not facts."""

    sender: MailAddress
    subject: str = ""
    date: str = ""


class ParsedMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as `parse` understood it. Every field has a harmless value where the mail says nothing.

    `text` is the whole plain text (made from the HTML when that is all there is); `reply` is what was newly written, `quoted` the
    rest of the text: history and signature. `html` is sanitised. Ids have no angle brackets. `return_path` is None without that
    header and empty for `<>`. `delivered_to` lists the addresses that the mail was carried to, not those it claims in To.
    `defects` are short words for everything that was wrong or left out, see the README.
    """

    from_address: str = ""
    from_name: str = ""
    sender: MailAddress | None = None
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    bcc: tuple[MailAddress, ...] = ()
    reply_to: tuple[MailAddress, ...] = ()
    return_path: str | None = None
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    text: str = ""
    reply: str = ""
    quoted: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    language: str = ""
    auto_reply: AutoKind | None = None
    bounce: Bounce | None = None
    mailing_list: str = ""
    spam: bool = False
    security: Literal["", "signed", "encrypted"] = ""
    forwarded: Forwarded | None = None
    headers: dict[str, str] = {}
    defects: tuple[str, ...] = ()

    @property
    def from_(self) -> MailAddress:
        """The author as one value."""
        return MailAddress(self.from_address, self.from_name)
