"""A Dovecot of our own on loopback: IMAP (plain, STARTTLS and TLS), LMTP for a mail server to deliver by, and its sign-in.

Mailboxes are made while it runs. What the mails mean is the tests' business.
"""

import contextlib
import grp
import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.certificates import Certificates, write_certificates
from tests.servers.process import HOST, binary, folder, free_port, running, says
from tests.servers.tokens import TokenServer, token_server

DOMAIN = "parley.example"

CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
instance_name = parley-tests
protocols = imap lmtp
listen = {host}
ssl = yes
ssl_cert = <{certificates.certificate}
ssl_key = <{certificates.key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_cache_size = 0
auth_failure_delay = 0
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
maildir_stat_dirs = yes
# Where the kernel watches no more folders for it (128 by default), Dovecot looks by itself.
mailbox_idle_check_interval = 2 secs
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/tokens.conf
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%Lu {home}/accounts/%Lu
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner_group} home={home}/mail/%Lu
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = {host}
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener {home}/sign-in {{
    mode = 0666
  }}
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  {chroot}
}}
"""


# What Dovecot asks about a token that a client shows; `email` in the answer is whose it is.
TOKENS = """
tokeninfo_url = {tokeninfo}?access_token=
introspection_mode =
username_attribute = email
active_attribute = active
active_value = true
timeout_msecs = 5000
"""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One account: its address is also the name to sign in with, over IMAP and SMTP."""

    address: str
    password: str


@dataclass(frozen=True, slots=True)
class DovecotServer:
    """Where it listens; `ca_file` is what a client trusts for `imaps_port` and STARTTLS; `home` holds accounts and mail."""

    host: str
    imap_port: int
    imaps_port: int
    lmtp_port: int
    domain: str
    ca_file: Path
    home: Path
    pid: int
    tokens: TokenServer

    @property
    def sign_in_socket(self) -> Path:
        """The Unix socket by which a mail server asks for names and passwords."""
        return self.home / "sign-in"

    def mailbox(self, name: str, *, exact: bool = False) -> Mailbox:
        """Make a new empty mailbox; unless `exact`, its address is `name` with a suffix that no other test has."""
        local = name if exact else f"{name}-{secrets.token_hex(4)}"
        box = Mailbox(f"{local}@{self.domain}", secrets.token_urlsafe(12))
        # One file each: Dovecot reads a shared one again only once its time in whole seconds has moved.
        (self.home / "accounts" / box.address).write_text(f"{box.address}:{box.password}::::::\n")
        return box

    def admin(self, *arguments: str) -> str:
        """Run doveadm on this server and give what it prints; CalledProcessError if it refuses."""
        command = [
            binary("dovecot", "doveadm", "/usr/bin/doveadm"),
            "-c",
            str(self.home / "dovecot.conf"),
            *arguments,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


def _accounts() -> dict[str, str]:
    """Name the accounts it runs as: Debian's three as root, ourselves otherwise (then nothing can be chrooted)."""
    me = pwd.getpwuid(os.geteuid())
    if os.geteuid() == 0:
        owner = pwd.getpwnam("nobody")
        names = {"internal": "dovecot", "internal_group": "dovecot", "login": "dovenull", "chroot": ""}
        return {**names, "owner": str(owner.pw_uid), "owner_group": str(owner.pw_gid)}
    names = {
        "internal": me.pw_name,
        "internal_group": grp.getgrgid(me.pw_gid).gr_name,
        "login": me.pw_name,
        "chroot": "chroot =",
    }
    return {**names, "owner": str(me.pw_uid), "owner_group": str(me.pw_gid)}


def _prepare(home: Path, ports: dict[str, int], certificates: Certificates, tokens: TokenServer) -> Path:
    accounts = _accounts()
    mail = home / "mail"
    mail.mkdir()
    os.chown(mail, int(accounts["owner"]), int(accounts["owner_group"]))
    (home / "accounts").mkdir()
    (home / "tokens.conf").write_text(TOKENS.format(tokeninfo=tokens.url + "/tokeninfo"))
    config = home / "dovecot.conf"
    config.write_text(CONFIG.format(home=home, host=HOST, certificates=certificates, **ports, **accounts))
    return config


@contextlib.contextmanager
def dovecot_server() -> Iterator[DovecotServer]:
    """Run Dovecot until the block ends; ServerMissing where IMAP or LMTP is not installed."""
    program = binary("dovecot", "dovecot", "/usr/sbin/dovecot")
    binary("dovecot", "/usr/lib/dovecot/lmtp", "/usr/libexec/dovecot/lmtp")
    ports = {"imap": free_port(), "imaps": free_port(), "lmtp": free_port()}
    with folder("imap") as home, token_server() as tokens:
        certificates = write_certificates(home)
        config = _prepare(home, ports, certificates, tokens)

        def ready() -> bool:
            return says(ports["imap"], b"", b"* OK") and says(ports["lmtp"], b"", b"220")

        with running([program, "-F", "-c", str(config)], home / "dovecot.log", ready) as pid:
            yield DovecotServer(
                HOST, ports["imap"], ports["imaps"], ports["lmtp"], DOMAIN, certificates.ca, home, pid, tokens
            )
