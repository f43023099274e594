"""From a first frame to a visitor: who is taken, who gets a token, who is refused."""

import pytest

from connectors.contract import Secret
from connectors.webchat.codec import Identity, Start
from connectors.webchat.connector import WebchatConnector
from connectors.webchat.identify import identify
from connectors.webchat.settings import WebchatConfig
from connectors.webchat.visitors import Refusal, signature
from tests.fakes.chat_stream import ChatSandbox, ChatStream

SECRET = "an-identity-secret-of-the-shop"


async def test_a_first_visit_gets_a_token_and_a_second_does_not() -> None:
    front = WebchatConnector(WebchatConfig(), ChatSandbox(ChatStream()))._front
    visitor, token = await identify(front, Start(name=" Kim\n", email="no", language="de-AT"), "net")
    assert (visitor.claims.name, visitor.claims.email, visitor.language) == ("Kim", "", "de")
    again, none = await identify(front, Start(token=token), "net")
    assert (again.key, none) == (visitor.key, "")


async def test_a_token_of_an_old_key_is_exchanged() -> None:
    sandbox = ChatSandbox(ChatStream())
    front = WebchatConnector(WebchatConfig(), sandbox)._front
    visitor, token = await identify(front, Start(), "net")
    sandbox.signing = (b"new" * 11, *sandbox.signing)
    same, fresh = await identify(front, Start(token=token), "net")
    assert same.key == visitor.key
    assert fresh not in {"", token}
    sandbox.signing = sandbox.signing[:1]
    assert (await identify(front, Start(token=fresh), "net"))[0].key == visitor.key
    with pytest.raises(Refusal) as refused:
        await identify(front, Start(token=token), "net")
    assert refused.value.code == "token"


async def test_a_token_of_another_channel_is_unknown() -> None:
    one, two = ChatSandbox(ChatStream(), "one"), ChatSandbox(ChatStream(), "two")
    two.signing = (b"z" * 32,)
    _, token = await identify(WebchatConnector(WebchatConfig(), one)._front, Start(), "net")
    with pytest.raises(Refusal):
        await identify(WebchatConnector(WebchatConfig(), two)._front, Start(token=token), "net")


async def test_only_customers_may_write_where_it_is_so_configured() -> None:
    config = WebchatConfig(identity_secrets=(Secret(SECRET),), require_identity=True)
    front = WebchatConnector(config, ChatSandbox(ChatStream()))._front
    with pytest.raises(Refusal, match="sign in") as refused:
        await identify(front, Start(), "net")
    assert refused.value.code == "identity"
    customer = Identity(user="17", signature=signature(SECRET, "17"))
    visitor, token = await identify(front, Start(identity=customer), "net")
    assert (visitor.user, token) == ("17", "")
