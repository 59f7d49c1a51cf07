"""Markdown is drawn safely and in time, or refused in words; nothing of it becomes an element that nobody meant."""

import re
from html.parser import HTMLParser

import pytest

from itsm import markdown
from tests.incidents.stored_text.payloads import PAYLOADS
from tests.slo.proving import IN_FULL, TURN, by_turns

_TAGS = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_ATTRIBUTES = frozenset({"href", "title", "rel", "start", "alt", "src"})
_KEY = "01234567-89ab-cdef-0123-456789abcdef"
# The shapes in which a payload may stand in Markdown.
_SHAPES = ("{0}", "[{0}](x)", "[x]({0})", "[x](<{0}>)", "![{0}](x)", "![x]({0})", "`{0}`", "```{0}\n{0}\n```", "> {0}", "- {0}",
           "# {0}", "| {0} |\n|---|\n| {0} |", "[a]: {0}\n\n[a]", "<{0}>", "**{0}**", '[x](y "{0}")')  # fmt: skip


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.odd.append(tag)
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if name not in _ATTRIBUTES or (name == "src" and address != f"/files/{_KEY}/"):
                self.odd.append(f"{tag} {name}={value}")
            if name == "href" and re.match(r"(?!https?:|mailto:)[a-z][a-z0-9+.-]*:", address):
                self.odd.append(f"{tag} {name}={value}")


def _odd(html: str) -> list[str]:
    seen = _Seen()
    seen.feed(html)
    seen.close()
    return seen.odd


@pytest.mark.heavy
@pytest.mark.parametrize("shape", _SHAPES)
def test_no_payload_becomes_an_element_an_attribute_or_an_address_that_acts(shape: str) -> None:
    assert len(PAYLOADS) > 400
    asked = set(PAYLOADS)
    for payload in sorted(asked if IN_FULL else by_turns(asked, _SHAPES.index(shape) + TURN, one_in=8)):
        html = markdown.to_html(shape.replace("{0}", payload), pictures=[_KEY])
        assert _odd(html) == [], (payload, html)


def test_what_people_mean_is_drawn() -> None:
    text = f"# Steps\n\n1. **Switch** it off\n2. Wait\n\n![jam](/files/{_KEY}/)\n\n| a | b |\n|---|---|\n| c | ~~d~~ |\n\n<https://a.test>"
    html = markdown.to_html(text, pictures=[_KEY])
    for piece in (
        "<h2>Steps</h2>",
        "<li><strong>Switch</strong> it off</li>",
        f'src="/files/{_KEY}/"',
        "<td>c</td>",
        'href="https://a.test"',
        "<s>d</s>",
    ):
        assert piece in html


def test_a_picture_that_is_not_the_articles_is_words() -> None:
    for address in ("https://evil.test/pixel.png", f"/files/{_KEY}/", "data:image/png;base64,AAAA", "/sign-out/"):
        html = markdown.to_html(f"![seen]({address})")
        assert "<img" not in html
        assert "seen" in html
    assert markdown.pictures_in(f"![x](/files/{_KEY}/) ![y](https://a.test/)") == {_KEY}


@pytest.mark.parametrize(
    "text",
    ["x" * 40_001, "\n".join("  " * depth + "- a" for depth in range(1000)), "> " * 1000 + "x", "[" * 2_001, "a\n" * 4_001,
     "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n" + "|\n" * 3_000, "- " * 50 + "a"],
)  # fmt: skip
def test_what_is_too_much_is_refused_in_a_sentence_and_drawn_as_itself(text: str) -> None:
    assert str(markdown.refusal(text)).endswith(".")
    assert markdown.to_html(text).startswith("<pre>")
    assert markdown.to_plain(text) == text[: markdown.MAX_CHARACTERS]


def test_a_line_ends_for_its_limits_where_it_ends_for_whoever_draws_it() -> None:
    """A carriage return alone ends a line too: a table of 90,000 cells has 302 lines, not one."""
    table = "|a" * 300 + "|\r" + "|-" * 300 + "|\r" + "|a\r" * 300
    assert "tables are too large" in str(markdown.refusal(table))
    assert "lines" in str(markdown.refusal("\r" * markdown.MAX_LINES))
    assert markdown.refusal("\r\n" * (markdown.MAX_LINES - 1)) is None


def test_the_length_of_a_row_of_dashes_does_not_matter() -> None:
    """Whoever looked for the end of such a row by going back over it took a minute for this one."""
    assert markdown.refusal("-" * (markdown.MAX_CHARACTERS - 1) + "x") is None
    assert "tables are too large" in str(markdown.refusal("> - |a" + "|b" * 150 + "\n> - " + "|:-" * 150 + "\n" * 80))


def test_what_is_just_not_too_much_is_drawn_whole() -> None:
    deep = "\n".join("  " * depth + f"- level {depth}" for depth in range(19))
    assert markdown.refusal(deep) is None
    assert "level 18" in markdown.to_html(deep)
    assert markdown.refusal("x" * 40_000) is None
    assert markdown.refusal("[" * 2_000) is None


def test_in_a_mail_it_is_plain_words() -> None:
    text = "# Steps\n\n- **first** thing\n- [the form](https://a.test/f)\n\n```\ncode <b>\n```\n\n<script>alert(1)</script>"
    assert (
        markdown.to_plain(text)
        == "Steps\n\n- first thing\n\n- the form (https://a.test/f)\n\ncode <b>\n<script>alert(1)</script>"
    )
