"""Origins: which pattern fits which site, and what the frame's policy says. The page's own rule is held to the same table."""

import pytest
from playwright.async_api import Browser

from connectors.webchat import assets, origins
from tests.connectors.webchat.person import at
from tests.connectors.webchat.site import served

TABLE = [
    ("https://shop.example", "https://shop.example", True),
    ("https://shop.example", "http://shop.example", False),
    ("https://shop.example", "https://shop.example:8443", False),
    ("https://shop.example", "https://shop.example.evil.example", False),
    ("https://shop.example:8443", "https://shop.example:8443", True),
    ("https://*.shop.example", "https://www.shop.example", True),
    ("https://*.shop.example", "https://a.b.shop.example", True),
    ("https://*.shop.example", "https://shop.example", False),
    ("https://*.shop.example", "https://evilshop.example", False),
    ("https://*.shop.example", "http://www.shop.example", False),
    ("https://*.shop.example", "https://.shop.example", False),
    ("*", "https://anywhere.example", True),
    ("*", "null", False),
    ("https://shop.example", "null", False),
    ("https://shop.example", "", False),
]


@pytest.mark.parametrize(("one", "origin", "fits"), TABLE)
def test_a_pattern_fits_its_sites_only(one: str, origin: str, fits: bool) -> None:
    assert origins.matches(origin, [origins.pattern(one)]) is fits


async def test_the_page_judges_as_the_server_does(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        script = f"""async (table) => {{
            const {{ allowed }} = await import("{site.base}/assets/{assets.assets().build}/origins.js");
            return table.map(([pattern, origin]) => allowed(origin, [pattern]));
        }}"""
        judged = await person.page.evaluate(script, [[one, origin] for one, origin, _ in TABLE])
        # A browser never gives an origin with an empty label; the server's is the stricter answer there.
        expected = [fits for _, origin, fits in TABLE]
        assert [a for a, row in zip(judged, TABLE, strict=True) if "//." not in row[1]] == [
            a for a, row in zip(expected, TABLE, strict=True) if "//." not in row[1]
        ]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTPS://Shop.Example:443/", "https://shop.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://a_b.example", ""),
        ("https://shop.example/path", ""),
        ("https://shop.example:99999", ""),
        ("https://shop.example https://evil.example", ""),
        ("ftp://shop.example", ""),
        ("https://shop.example; script-src *", ""),
        ("null", ""),
    ],
)
def test_origins_have_one_form(written: str, normal: str) -> None:
    assert origins.normal(written) == normal


@pytest.mark.parametrize(
    "text",
    ["shop.example", "https://shop.example/a", "https://*", "*.shop.example", "", "https://x; frame-src *"],
)
def test_what_is_no_pattern_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"https://shop\.example"):
        origins.pattern(text)


@pytest.mark.parametrize(
    ("origin", "public_url", "host", "ours"),
    [
        ("https://chat.example", "https://chat.example/parley", "internal:8080", True),
        ("http://127.0.0.1:8080", "", "127.0.0.1:8080", True),
        ("https://127.0.0.1:8080", "", "127.0.0.1:8080", True),
        ("https://evil.example", "https://chat.example", "chat.example", False),
        ("null", "", "null", False),
        ("", "", "", False),
    ],
)
def test_our_own_origin_is_the_public_one_or_the_one_asked(
    origin: str, public_url: str, host: str, ours: bool
) -> None:
    assert origins.own(origin, public_url, host) is ours


def test_policies_name_the_sites_and_the_socket() -> None:
    assert origins.frame_ancestors(()) == "'self'"
    assert (
        origins.frame_ancestors(("https://a.example", "https://*.b.example"))
        == "'self' https://a.example https://*.b.example"
    )
    assert origins.frame_ancestors(("*",)) == "*"
    assert origins.socket_sources("https://chat.example", "127.0.0.1:80") == (
        "ws://127.0.0.1:80 wss://127.0.0.1:80 ws://chat.example wss://chat.example"
    )
    assert origins.socket_sources("", "x; script-src *") == ""
