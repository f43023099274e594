"""Who somebody is: tokens that only we make, signatures that only the site makes, and what becomes of a forged one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.webchat import visitors
from connectors.webchat.visitors import Claims, Refusal, Visitor

KEYS = (b"a" * 32,)
RANDOM = bytes(range(32))


def test_a_token_leads_to_its_visitor_and_no_further() -> None:
    token = visitors.new_token(KEYS, RANDOM)
    key = visitors.visitor_key(KEYS, token)
    assert key is not None
    assert key.startswith("v_")
    assert len(key) == 34
    assert token.split(".")[0] not in key
    assert visitors.visitor_key((b"b" * 32,), token) is None


def test_another_random_number_is_another_visitor() -> None:
    one, two = (
        visitors.visitor_key(KEYS, visitors.new_token(KEYS, random)) for random in (RANDOM, RANDOM[::-1])
    )
    assert one != two


def test_a_token_changed_in_any_place_is_refused() -> None:
    token = visitors.new_token(KEYS, RANDOM)
    for place in range(len(token)):
        for letter in "A.z":
            changed = token[:place] + letter + token[place + 1 :]
            assert changed == token or visitors.visitor_key(KEYS, changed) is None


@given(st.text(max_size=120))
def test_no_text_is_a_token(text: str) -> None:
    assert visitors.visitor_key(KEYS, text) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "a.b",
        "é.é",
        "====.====",
        visitors.new_token(KEYS, RANDOM) + "=",
        visitors.new_token(KEYS, b"short"),
    ],
)
def test_odd_tokens_are_refused(token: str) -> None:
    assert visitors.visitor_key(KEYS, token) is None


def test_a_token_survives_a_new_key_and_is_renewed() -> None:
    old = visitors.new_token(KEYS, RANDOM)
    rotated = (b"new" * 11, *KEYS)
    assert visitors.visitor_key(rotated, old) == visitors.visitor_key(KEYS, old)
    assert visitors.is_fresh(KEYS, old)
    assert not visitors.is_fresh(rotated, old)
    fresh = visitors.renewed(rotated, old)
    assert visitors.is_fresh(rotated, fresh)
    assert visitors.visitor_key(rotated[:1], fresh) == visitors.visitor_key(KEYS, old)


def test_a_signature_is_plain_hmac_sha256() -> None:
    # HMAC-SHA256 test case 2 of RFC 4231: key "Jefe", data "what do ya want for nothing?".
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert visitors.signature("Jefe", "what do ya want for nothing?") == expected


def test_each_of_several_secrets_counts() -> None:
    secrets = ("the-new-secret-of-the-site", "the-old-secret-of-the-site")
    for secret in secrets:
        mark = visitors.signature(secret, "u1")
        assert visitors.check_identity(secrets, "u1", mark) == visitors.user_key("u1")
        assert visitors.check_identity(secrets, "u1", f" {mark.upper()} ") == visitors.user_key("u1")


@pytest.mark.parametrize(
    ("secrets", "given_mark", "says"),
    [
        ((), "00", "identity_secrets"),
        (("s" * 20,), "", "missing"),
        (("s" * 20,), "00", "wrong"),
        (("s" * 20,), visitors.signature("s" * 20, "u2"), "wrong"),
        (("s" * 20,), visitors.signature("", "u1"), "wrong"),
        (("s" * 20,), "é" * 64, "wrong"),
    ],
)
def test_whom_nobody_vouches_for_is_refused_with_the_reason(
    secrets: tuple[str, ...], given_mark: str, says: str
) -> None:
    with pytest.raises(Refusal, match=says) as refused:
        visitors.check_identity(secrets, "u1", given_mark)
    assert refused.value.code == "identity"
    assert visitors.signature("s" * 20, "u1") not in str(refused.value)


def test_signed_and_anonymous_never_meet() -> None:
    assert visitors.user_key("u1") != visitors.user_key("u2")
    assert visitors.user_key("u1").startswith("u_")


def test_addresses_say_how_sure_we_are() -> None:
    claims = Claims(name="Kim", email="kim@shop.example")
    anonymous = visitors.address(Visitor(key="v_1", claims=claims))
    customer = visitors.address(Visitor(key="u_1", user="17", claims=claims))
    assert (anonymous.value, anonymous.scope, anonymous.verified) == ("v_1", "channel", "channel")
    assert (customer.value, customer.scope, customer.verified) == ("17", "account", "signed")
    assert anonymous.attributes == customer.attributes == {"email": "kim@shop.example"}
    assert anonymous.aliases == customer.aliases == ()
