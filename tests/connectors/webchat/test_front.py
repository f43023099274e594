"""What a visitor is handed and shows again: passes, file references and links, each for one visitor and a day."""

import pytest

from connectors.contract import HistoryFile, Malformed, StoredFile
from connectors.webchat.connector import WebchatConnector
from connectors.webchat.front import DAY, Front
from connectors.webchat.settings import WebchatConfig
from tests.fakes.chat_stream import ChatSandbox, ChatStream

FILE = StoredFile(blob="b", name="ü.txt", content_type="text/plain", size=3)
SHOWN = HistoryFile(id="att_1", name="a", content_type="text/plain", size=3)


class Clock:
    """A time that a test moves."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def made() -> tuple[Front, Clock]:
    clock = Clock()
    one = WebchatConnector(WebchatConfig(), ChatSandbox(ChatStream()))._front
    return Front(
        config=one.config, sandbox=one.sandbox, sockets=one.sockets, uploads=one.uploads, now=clock
    ), clock


def test_all_of_them_are_good_for_a_day() -> None:
    front, clock = made()
    shown, reference, link = (
        front.upload_pass("v_1"),
        front.file_reference("v_1", FILE),
        front.link("v_1", SHOWN).split("p=")[1],
    )
    clock.now += DAY - 1
    assert front.holder(shown) == "v_1"
    assert front.referred_file("v_1", reference) == FILE
    assert front.linked_key("att_1", link) == "v_1"
    clock.now += 3_602
    assert front.holder(shown) is None
    assert front.linked_key("att_1", link) is None
    with pytest.raises(Malformed, match="again"):
        front.referred_file("v_1", reference)


def test_none_stands_for_another() -> None:
    front, _ = made()
    shown, reference, link = (
        front.upload_pass("v_1"),
        front.file_reference("v_1", FILE),
        front.link("v_1", SHOWN).split("p=")[1],
    )
    assert front.holder(reference) is None
    assert front.linked_key("att_1", shown) is None
    assert front.linked_key("att_2", link) is None
    for key, given in (("v_2", reference), ("v_1", shown), ("v_1", link)):
        with pytest.raises(Malformed):
            front.referred_file(key, given)


def test_a_link_stays_the_same_for_an_hour() -> None:
    front, clock = made()
    clock.now = 3_600.0 * 500
    link = front.link("v_1", SHOWN)
    clock.now += 3_599
    assert front.link("v_1", SHOWN) == link
