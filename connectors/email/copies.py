"""Who else a mail goes to. Pure: everybody who was on the customer's mail unless an agent says otherwise, and never an address of ours."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.email.mail import MailAddress
from connectors.email.settings import EmailConfig

MAX_COPIES = 50


def others(
    people: Iterable[MailAddress], besides: Iterable[str], config: EmailConfig
) -> tuple[MailAddress, ...]:
    """`people` in order, each once, without the addresses `besides` and without our own (also with a tag); at most 50."""
    seen = {address.lower() for address in besides}
    found: list[MailAddress] = []
    for one in people:
        address = one.address.lower()
        if address in seen or config.is_own(address):
            continue
        seen.add(address)
        found.append(one)
        if len(found) == MAX_COPIES:
            break
    return tuple(found)


def reply_all(
    sender: str,
    answers: Iterable[MailAddress],
    people: Iterable[MailAddress],
    config: EmailConfig,
) -> tuple[MailAddress, ...]:
    """Who stays in when a mail is answered: To and Cc of it, without its writer; nobody where `copy_all` is off."""
    return others(people, (sender, *(one.address for one in answers)), config) if config.copy_all else ()
