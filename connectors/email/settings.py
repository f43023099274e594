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
    read_sent: Annotated[
        str,
        Meta(
            description="Take in what people send from other mail programs: the folder where those keep it (\\\\Sent)."
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


class DkimSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sign mail for a domain, where the server that takes it does not. The public key stands at `<selector>._domainkey.<domain>`."""

    domain: Annotated[str, Meta(pattern=r"^[A-Za-z0-9.-]{3,253}$", description="The domain of `address`.")]
    selector: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Names the key in the DNS.")
    ]
    key: Annotated[Secret, Meta(description="Private key (PEM): RSA of 1,024 bits or more, or Ed25519.")]


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
            ge=1,
            le=300,
            description="Seconds that the server may take for an answer, up to the end of a mail.",
        ),
    ] = 60
    max_mail_bytes: Annotated[
        int,
        Meta(
            ge=65_536,
            le=104_857_600,
            description="Refuse to send more; the server's own limit holds as well.",
        ),
    ] = 26_214_400


class ListenSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take mail in from a mail server. It accepts this channel's addresses only, and answers 250 once a mail is kept."""

    port: Port
    protocol: Annotated[
        Literal["smtp", "lmtp"], Meta(description="What the mail server speaks; lmtp for local delivery.")
    ] = "lmtp"
    host: Annotated[
        str, Meta(min_length=1, description="Listen on this address. Whoever reaches it can hand mail in.")
    ] = "127.0.0.1"
    certificate: Annotated[str, Meta(description="File with the certificate; offers STARTTLS.")] = ""
    key: Annotated[str, Meta(description="File with the certificate's key.")] = ""
    max_mail_bytes: Annotated[int, Meta(ge=65_536, le=67_108_864, description="Refuse larger mails.")] = (
        36_700_160
    )

    def __post_init__(self) -> None:
        """Check what types cannot say. Raises ValueError with the key."""
        if bool(self.certificate) != bool(self.key):
            raise ValueError("listen: certificate and key go together")


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take mail in from a provider that posts it to `/widget/<channel>/inbound` (mailgun: `/inbound/mime`).

    mailgun signs (`signing_key`); sendgrid signs if it is set up so (`signing_key`: its public key) or sends name and password;
    postmark sends name and password. Name and password stand in the address that the provider is given.
    """

    provider: Literal["sendgrid", "mailgun", "postmark"]
    user: Annotated[str, Meta(description="Name in the webhook's address (https://user:password@...).")] = ""
    password: Annotated[Secret | None, Meta(description="Password in the webhook's address.")] = None
    signing_key: Annotated[Secret | None, Meta(description="Key of the provider's signatures.")] = None

    def __post_init__(self) -> None:
        """Check what types cannot say. Raises ValueError with the key."""
        if bool(self.user) != (self.password is not None):
            raise ValueError("webhook: user and password go together")
        if self.provider == "mailgun" and self.signing_key is None:
            raise ValueError("webhook: mailgun needs signing_key")
        if self.signing_key is None and self.password is None:
            raise ValueError("webhook: anybody could post mail: set user and password, or signing_key")


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
    dkim: DkimSettings | None = None
    listen: ListenSettings | None = None
    webhook: WebhookSettings | None = None
    reply_address: Annotated[str, Meta(description="Where answers go, if not to `address`.")] = ""
    reply_tags: Annotated[
        bool, Meta(description="Write answers' address with a tag of the conversation (plus addressing).")
    ] = False
    bounce_address: Annotated[
        str,
        Meta(
            description="Where reports of failure go, with a tag of the mail added: bounces@example.com (it must reach this mailbox with plus addressing)."
        ),
    ] = ""
    reply_days: Annotated[
        int,
        Meta(
            ge=1, le=3_650, description="An answer to a mail of ours that is older starts a new conversation."
        ),
    ] = 400
    thread_by_subject: Annotated[
        bool,
        Meta(
            description="An answer whose mail program dropped all headers joins the sender's only conversation with this subject."
        ),
    ] = True
    aliases: Annotated[
        tuple[str, ...],
        Meta(
            max_length=100,
            description="Other addresses of this mailbox: never copied in, never answered automatically.",
        ),
    ] = ()
    colleagues: Annotated[
        tuple[str, ...],
        Meta(
            max_length=200,
            description="Addresses (ann@example.com) or domains (@example.com) of your own people: a mail that they forward here becomes its first sender's.",
        ),
    ] = ()
    agent_names: Annotated[bool, Meta(description="Put the agent's name before `name`.")] = False
    quote_history: Annotated[bool, Meta(description="Put the customer's last mail below the answer.")] = True
    signature: Annotated[str, Meta(max_length=2_000, description="Text below every answer of an agent.")] = ""
    layout: Annotated[
        str,
        Meta(
            max_length=20_000,
            description="HTML around what agents write, with {text} and, where wanted, {signature} and {history}.",
        ),
    ] = ""
    unsubscribe: Annotated[
        bool,
        Meta(
            description="Mails that nobody asked for name an address to leave by, with one click (needs public_url)."
        ),
    ] = False
    automatic_per_day: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000,
            description="At most so many automatic mails to one address in 24 hours: ends any loop.",
        ),
    ] = 10
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
        if self.imap and self.imap.read_sent in self.imap.folders:
            raise ValueError(
                "imap: read_sent is one of the folders; what is in it would be taken for customers' mail"
            )
        if self.layout and "{text}" not in self.layout:
            raise ValueError("layout: it has no place for {text}")
        if not any((self.imap, self.smtp, self.listen, self.webhook)):
            raise ValueError("imap: neither imap nor smtp is set, so the channel could do nothing")
        for key in ("address", "reply_address", "bounce_address"):
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

    def is_own(self, address: str) -> bool:
        """Whether this address is the mailbox itself: one of its own, also with a tag (`support+anything@`)."""
        local, _, domain = address.lower().rpartition("@")
        bare = f"{local.partition('+')[0]}@{domain}"
        known = self.own_addresses | {self.bounce_address.lower()}
        return address.lower() in known or bare in known

    def is_colleague(self, address: str) -> bool:
        """Whether this is one of our own people."""
        address = address.lower()
        wanted = {one.lower() for one in self.colleagues}
        return address in wanted or f"@{address.rpartition('@')[2]}" in wanted

    @property
    def own_addresses(self) -> frozenset[str]:
        """All addresses that are this mailbox itself, in lower case."""
        users = (self.imap.user,) if self.imap and "@" in self.imap.user else ()
        return frozenset(one.lower() for one in (self.address, self.answers_to, *self.aliases, *users))
