"""HTML bodies as text, what programs mark in them as history, and that no page takes long or much."""

from __future__ import annotations

import time

import pytest

from connectors.email import html, markup, quotes


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<div>one<br></div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("a  \n\t b", "a b"),
        ("<b>a</b><i>b</i> c", "ab c"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ("a&nbsp;&lt;b&gt; &amp; &#8364; &bogus;", "a\u00a0<b> & € &bogus;"),
        ("<script>x</script><style>y</style><title>z</title>a", "a"),
        ("<SCRIPT>x</SCRIPT>a", "a"),
        ("a<!-- b -->c<!--[if mso]>d<![endif]-->e", "ace"),
        ("<p style='display:none'>x</p>a", "a"),
        ('<a title="a > b" href="x">link</a>', "link"),
        ("a < b and c > d", "a < b and c > d"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("</div></p>text</b>", "text"),
        ("<o:p>&nbsp;</o:p>a", "\u00a0a"),
        ("", ""),
        ("<", "<"),
        ("<a", "<a"),
        ("<!--", ""),
        ("<script>never closed", "never closed"),
    ],
)
def test_text_of_pages(source: str, text: str) -> None:
    assert html.to_text(source).text == text


def test_cited_blocks_are_quoted_only_for_the_reply() -> None:
    found = html.to_text(
        '<p>new</p><blockquote type="cite">old<blockquote type="cite">older</blockquote></blockquote>'
    )
    assert found.marked == "new\n\n> old\n>\n>> older"
    assert found.text == "new\n\nold\n\nolder"
    assert found.certain


def test_indented_blocks_are_no_history() -> None:
    found = html.to_text("<p>new</p><blockquote>indented</blockquote>")
    assert found.marked == found.text
    assert not found.certain


def test_a_block_below_a_mark_is_history() -> None:
    found = html.to_text("<div>On 4 Mar 2024, Ann Lee wrote:</div><blockquote>old</blockquote>")
    assert "> old" in found.marked


def test_where_history_begins_is_marked() -> None:
    found = html.to_text('new<div id="divRplyFwdMsg"><b>From:</b> Ann</div>old')
    assert found.marked.split("\n")[1] == quotes.HISTORY_MARK


def test_a_page_made_of_text_is_harmless() -> None:
    assert html.from_text("a <b>\n\nhttps://example.org/?a=1&b=2, c\nd") == (
        '<p>a &lt;b&gt;</p><p><a href="https://example.org/?a=1&amp;b=2">https://example.org/?a=1&amp;b=2</a>, c<br>d</p>'
    )


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("open tags", "<a" * 300_000),
        ("open quotes", '<a b="' * 100_000),
        ("mixed quotes", "<a '\">" * 100_000),
        ("open comments", "<!--" * 200_000),
        ("open scripts", "<script>" * 100_000),
        ("nesting", "<div>" * 150_000),
        ("nested quotes", '<blockquote type="cite">' * 30_000),
        ("tables", "<table><tr><td>" * 50_000),
        ("end tags", "</div>" * 150_000),
        ("entities", "&#60;" * 150_000),
        ("blocks below marks", "On 4 Mar 2024, a@b.example wrote:<blockquote>x</blockquote>" * 8_000),
        ("siblings", "<blockquote>x</blockquote>" * 30_000),
        ("attributes", f"<p {'a=b ' * 200_000}>x</p>"),
        ("style", f'<p style="{"display:none;" * 50_000}">x</p>' * 2),
        ("text", "x" * 1_000_000),
    ],
)
def test_no_page_takes_long(name: str, source: str) -> None:
    begun = time.process_time()
    html.to_text(source)
    assert time.process_time() - begun < 6, name


def test_nodes_are_counted() -> None:
    tree = markup.read_markup("<p>x</p>" * (markup.MAX_NODES + 10))
    assert tree.capped
    assert sum(1 for _ in tree.root.walk()) == markup.MAX_NODES + 1
    assert tree.root.text(10).split() == ["x"] * 5


def test_attributes_are_read() -> None:
    tree = markup.read_markup(
        "<a ID=x class='b c' data-x=\"&lt;\" checked href=http://example.org/a?b=c>y</a>"
    )
    node = next(one for one in tree.root.walk() if one.tag == "a")
    assert [node.get(name) for name in ("id", "class", "data-x", "href", "none")] == [
        "x",
        "b c",
        "<",
        "http://example.org/a?b=c",
        "",
    ]


def test_items_of_an_ordered_list_keep_their_numbers() -> None:
    source = '<ol><li>one<ul><li>a</li></ul></li><li>two</li></ol><ol start="7"><li>seven</li></ol><ol start="x"><li>first</li></ol>'
    assert "\n".join(line for line in html.to_text(source).text.split("\n") if line) == (
        "1. one\n- a\n2. two\n7. seven\n1. first"
    )
