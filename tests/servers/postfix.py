"""A Postfix of our own on loopback: takes mail for the test domain, delivers it to Dovecot by LMTP, relays nothing elsewhere.

Submission with sign-in (asked of Dovecot) and STARTTLS on the same port. Mail for other domains bounces, as a real one would.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.dovecot import DovecotServer
from tests.servers.process import HOST, ServerMissing, binary, folder, free_port, running, says

MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
meta_directory = {meta}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.{domain}
mydomain = {domain}
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = {host}
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
lmtp_host_lookup = native
virtual_mailbox_domains = {domain}
virtual_transport = lmtp:inet:{host}:{lmtp}
default_transport = error:5.7.1 this server delivers only to {domain}
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_tls_security_level = may
smtpd_tls_cert_file = {dovecot.home}/certificate.pem
smtpd_tls_key_file = {dovecot.home}/key.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot.sign_in_socket}
smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 10s
queue_run_delay = 1s
smtpd_error_sleep_time = 0
in_flow_delay = 0
"""

# Debian's own table without chroots, and only what takes, bounces and delivers mail here.
MASTER = """
{host}:{port} inet n - n - - smtpd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
tlsmgr    unix - - n 1000? 1 tlsmgr
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
lmtp      unix - - n - - lmtp
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class PostfixServer:
    """Where it listens (plain and STARTTLS), the domain that it delivers, and what a client trusts."""

    host: str
    port: int
    domain: str
    ca_file: Path
    log: Path
    pid: int


def _prepare(home: Path, port: int, dovecot: DovecotServer) -> Path:
    config = home / "config"
    config.mkdir()
    (home / "queue").mkdir()
    (home / "data").mkdir()
    shutil.chown(home / "data", "postfix")
    values = {
        "home": home,
        "host": HOST,
        "domain": dovecot.domain,
        "lmtp": dovecot.lmtp_port,
        "dovecot": dovecot,
    }
    (config / "main.cf").write_text(MAIN.format(meta="/etc/postfix", **values))
    (config / "master.cf").write_text(MASTER.format(host=HOST, port=port))
    return config


@dataclass(frozen=True, slots=True)
class PostfixPlace:
    """A Postfix that is set up and may be started, ended and started again: it keeps its port and its queue."""

    home: Path
    port: int
    dovecot: DovecotServer

    @contextlib.contextmanager
    def running(self) -> Iterator[PostfixServer]:
        """Run it until the block ends."""
        master = binary("postfix", "/usr/lib/postfix/sbin/master", "/usr/libexec/postfix/master")
        # "-s" keeps it in the foreground; each is ended with it by its pid.
        command = [master, "-c", str(self.home / "config"), "-s"]
        log, dovecot = self.home / "postfix.log", self.dovecot
        with running(command, log, lambda: says(self.port, b"", b"220")) as pid:
            yield PostfixServer(HOST, self.port, dovecot.domain, dovecot.ca_file, log, pid)


@contextlib.contextmanager
def postfix_place(dovecot: DovecotServer) -> Iterator[PostfixPlace]:
    """Set one up in front of `dovecot`, for as long as the block lasts; ServerMissing where it is not installed or we are not root."""
    program = binary("postfix", "postfix", "/usr/sbin/postfix")
    if os.geteuid() != 0:
        raise ServerMissing("postfix", "it starts as root only (run the tests as root, in a container)")
    port = free_port()
    with folder("smtp") as home:
        config = _prepare(home, port, dovecot)
        # Makes the queue's folders with the owners that its daemons insist on.
        subprocess.run([program, "-c", str(config), "check"], check=True, capture_output=True, timeout=60)
        yield PostfixPlace(home, port, dovecot)


@contextlib.contextmanager
def postfix_server(dovecot: DovecotServer) -> Iterator[PostfixServer]:
    """Run Postfix in front of `dovecot` until the block ends; ServerMissing as above."""
    with postfix_place(dovecot) as place, place.running() as server:
        yield server
