"""What the automation of `routing.yaml` did to a conversation, and where its guard ended a chain of rules."""

from __future__ import annotations

from stream.happening import ConversationEvent


class AutomationRan(ConversationEvent, tag="automation.ran", frozen=True, kw_only=True):
    """`rules` matched what happened (`trigger`: the event's type, or a time that passed; `cause`: its number, 0 for a time).

    The next `effects` events of the journal are what they did, in one transaction with this one; `did` says it in words. `chain` are
    the rules whose effects led here, `depth` how many times. `calls` are the webhooks that are told. `cut`: nothing was done, and why.
    `runs` counts the runs of this conversation since `since`.
    """

    trigger: str
    rules: tuple[str, ...]
    cause: int = 0
    chain: tuple[str, ...] = ()
    depth: int = 0
    did: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    effects: int = 0
    cut: str = ""
    runs: int = 0
    since: float = 0.0
