"""What an operator may set for a mailbox: the `config:` block of its channel. Values are checked here, used elsewhere."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.contract import Secret

Security = Literal["tls", "starttls", "none"]
Port = Annotated[int, Meta(ge=1, le=65_535)]
_ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,255}")


class ImapSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where mail is read. Nothing is marked as read, moved or deleted there."""

    host: Annotated[str, Meta(min_length=1, description="Name of the IMAP server.")]
    user: Annotated[str, Meta(description="Name to sign in with, usually the address.")]
    password: Annotated[
        Secret | None, Meta(description="Password of the mailbox, or an app password; not needed with oauth.")
    ] = None
    port: Annotated[int, Meta(ge=0, le=65_535, description="0: 993 with tls, otherwise 143.")] = 0
    tls: Annotated[
        Security,
        Meta(description="tls: encrypted from the start; starttls: upgraded; none: only within one machine."),
    ] = "tls"
    ca_file: Annotated[str, Meta(description="Certificates to trust instead of the system's.")] = ""
    folders: Annotated[
        tuple[str, ...],
        Meta(
            min_length=1, max_length=20, description="Folders that are read; the first one is watched live."
        ),
    ] = ("INBOX",)
    import_days: Annotated[
        int,
        Meta(
            ge=0, le=3_650, description="On the first connection, take in the mail of so many days; 0: none."
        ),
    ] = 0
    poll_seconds: Annotated[
        int,
        Meta(
            ge=5, le=3_600, description="Look at all folders at least so often, also while the server pushes."
        ),
    ] = 120
    max_mail_bytes: Annotated[
        int,
        Meta(
            ge=65_536,
            le=104_857_600,
            description="Of a larger mail only the beginning is taken in, with a note.",
        ),
    ] = 36_700_160
    sent_folder: Annotated[
        str,
        Meta(
            description="Keep a copy of what is sent in this folder. Gmail and Microsoft 365 do that themselves."
        ),
    ] = ""


class OAuthSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sign-in by access tokens (XOAUTH2 or OAUTHBEARER) for the mailbox and for sending.

    With `refresh_token` on behalf of the person who signed in once, without it by the client's own credentials (Microsoft: an
    app-only permission). See docs/email.md.
    """

    token_url: Annotated[str, Meta(pattern="^https?://", description="Where tokens are given.")]
    client_id: Annotated[str, Meta(min_length=1, description="Name of the registered application.")]
    client_secret: Annotated[Secret | None, Meta(description="Its secret.")] = None
    refresh_token: Annotated[Secret | None, Meta(description="What the first sign-in gave.")] = None
    scope: Annotated[str, Meta(description="What is asked for; empty: what was granted at first.")] = ""

    def __post_init__(self) -> None:
        """Check what types cannot say. Raises ValueError with the key."""
        if self.client_secret is None and self.refresh_token is None:
            raise ValueError("oauth: neither client_secret nor refresh_token is set")


class SmtpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where mail is handed in."""

    host: Annotated[str, Meta(min_length=1, description="Name of the SMTP server.")]
    port: Annotated[int, Meta(ge=0, le=65_535, description="0: 465 with tls, otherwise 587.")] = 0
    tls: Annotated[
        Security,
        Meta(description="tls: encrypted from the start; starttls: upgraded; none: only within one machine."),
    ] = "starttls"
    user: Annotated[str, Meta(description="Name to sign in with; empty: no sign-in.")] = ""
    password: Annotated[Secret | None, Meta(description="Password for `user`.")] = None
    ca_file: Annotated[str, Meta(description="Certificates to trust instead of the system's.")] = ""
    connections: Annotated[
        int, Meta(ge=1, le=16, description="At most so many at a time; they are kept for further mails.")
    ] = 4
    timeout: Annotated[
        int,
        Meta(
            ge=1, le=30, description="Seconds for everything up to the end of a mail; then it is tried again."
        ),
    ] = 30
    max_mail_bytes: Annotated[
        int,
        Meta(
            ge=65_536,
            le=104_857_600,
            description="Refuse to send more; the server's own limit holds as well.",
        ),
    ] = 26_214_400


class EmailConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mailbox. With `imap` it takes mail in, with `smtp` it sends; at least one of them is needed.

    `reply_address` is where answers go; when it can carry a tag (`support+tag@example.com` reaches `support@example.com`), set
    `reply_tags`, and answers find their conversation even when a mail program drops the headers for it.
    """

    address: Annotated[str, Meta(description="The address that mail is sent from.")]
    name: Annotated[str, Meta(max_length=100, description="The name beside it.")] = ""
    imap: ImapSettings | None = None
    smtp: SmtpSettings | None = None
    oauth: OAuthSettings | None = None
    reply_address: Annotated[str, Meta(description="Where answers go, if not to `address`.")] = ""
    reply_tags: Annotated[
        bool, Meta(description="Write answers' address with a tag of the conversation (plus addressing).")
    ] = False
    aliases: Annotated[
        tuple[str, ...],
        Meta(
            max_length=100,
            description="Other addresses of this mailbox: never copied in, never answered automatically.",
        ),
    ] = ()
    agent_names: Annotated[bool, Meta(description="Put the agent's name before `name`.")] = False
    quote_history: Annotated[bool, Meta(description="Put the customer's last mail below the answer.")] = True
    signature: Annotated[str, Meta(max_length=2_000, description="Text below every answer of an agent.")] = ""
    copy_all: Annotated[
        bool, Meta(description="Answer all: keep who else was in To and Cc of the customer's mail.")
    ] = True
    trusted_server: Annotated[
        str,
        Meta(
            description="The receiving server's name in Authentication-Results; only its verdicts are believed."
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Check what types cannot say. Raises ValueError with the key."""
        if self.imap is None and self.smtp is None:
            raise ValueError("imap: neither imap nor smtp is set, so the channel could do nothing")
        for key in ("address", "reply_address"):
            value = getattr(self, key)
            if (value or key == "address") and not _ADDRESS.fullmatch(value):
                raise ValueError(f"{key}: not an address (name@example.com)")
        if self.imap is not None and self.imap.password is None and self.oauth is None:
            raise ValueError("imap: neither password nor oauth is set")
        if self.smtp is not None and self.smtp.password is not None and not self.smtp.user:
            raise ValueError("smtp: user and password go together")
        if self.smtp is not None and self.smtp.user and self.smtp.password is None and self.oauth is None:
            raise ValueError("smtp: user and password go together (or set oauth)")

    @property
    def answers_to(self) -> str:
        """The address that answers go to, without a tag."""
        return self.reply_address or self.address

    @property
    def own_addresses(self) -> frozenset[str]:
        """All addresses that are this mailbox itself, in lower case."""
        users = (self.imap.user,) if self.imap and "@" in self.imap.user else ()
        return frozenset(one.lower() for one in (self.address, self.answers_to, *self.aliases, *users))
