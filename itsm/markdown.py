"""Markdown that people write, as safe HTML and as plain text; what would take too long to draw is refused in words.

HTML in it is text. What remains is cleaned by `nh3` against a list of what may stay, so that a fault of the renderer is
no hole. The limits keep the time bounded: the renderer is quadratic in open brackets and fills rows of wide tables up.
"""

import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_CHARACTERS = 40_000
MAX_BRACKETS = 2_000
MAX_LINES = 4_000
MAX_CELLS = 10_000
MAX_LEVEL = 40  # a list takes two: itself and its item

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
# What the row below the head of a table may consist of, in a list or a quotation too; it says how many cells a row has.
_OF_DELIMITER_ROWS = " \t>*+-:|"
_LINE_END = re.compile(r"\r\n?|\n")  # as the renderer has it
_ACTS = re.compile(r"[\\`*_\[\]<>#|&~]")
_BEGINS = re.compile(r"^(?:([0-9]{1,9})([.)])|([-+=]))")  # a list, a line across, an underlined heading
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FILE = re.compile(r"^/files/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/$", re.ASCII)


@cache
def _renderer() -> MarkdownIt:
    options = {"html": False, "linkify": False, "typographer": False, "maxNesting": MAX_LEVEL}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])


def refusal(text: str) -> str | None:
    """Why this text is not taken, as a sentence; None where it can be drawn whole and in time."""
    if len(text) > MAX_CHARACTERS:
        said = gettext("It has %(there)d characters; at most %(most)d are taken.")
        return said % {"there": len(text), "most": MAX_CHARACTERS}
    if text.count("[") > MAX_BRACKETS:
        return gettext("It has more than %(most)d opening brackets.") % {"most": MAX_BRACKETS}
    rows = _LINE_END.split(text)
    lines = len(rows)
    if lines > MAX_LINES:
        return gettext("It has more than %(most)d lines.") % {"most": MAX_LINES}
    if _columns(rows) * lines > MAX_CELLS:
        return gettext("Its tables are too large: at most %(most)d cells.") % {"most": MAX_CELLS}
    if any(token.nesting == 1 and token.level >= MAX_LEVEL - 1 for token in _renderer().parse(text)):
        return gettext("Lists and quotations in it lie too deep within one another.")
    return None


def _columns(rows: Iterable[str]) -> int:
    """Of the widest table, at least; 0 without any. No pattern: one that goes back over a long row takes a minute."""
    delimiters = (row for row in rows if "|" in row and not row.strip(_OF_DELIMITER_ROWS))
    return max((row.count("|") + 1 for row in delimiters), default=0)


def to_html(text: str, *, pictures: Collection[str] = ()) -> SafeString:
    """As it is shown. `pictures`: keys of the files that may stand in it; any other picture is a link to it.

    Never raises; of a text that `refusal` refuses nothing is drawn but itself.
    """
    if refusal(text) is not None:
        return SafeString(f"<pre>{nh3.clean_text(text[:MAX_CHARACTERS])}</pre>")
    renderer, kept = _renderer(), frozenset(pictures)
    tokens = renderer.parse(text)
    _settle(tokens, kept)
    drawn = renderer.renderer.render(tokens, renderer.options, {})
    clean = nh3.clean(
        drawn, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow", strip_comments=True,
    )  # fmt: skip
    return mark_safe(clean)  # noqa: S308 - cleaned on the line above


def _settle(tokens: list[Token], kept: frozenset[str]) -> None:
    """Headings begin below the page's own; pictures are files that belong here."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        if token.type in ("fence", "code_block"):
            token.info = ""
        if token.children:
            token.children = [one if one.type != "image" else _picture(one, kept) for one in token.children]


def _picture(token: Token, kept: frozenset[str]) -> Token:
    key = file_key(str(token.attrGet("src") or ""))
    if key in kept:
        return token
    return Token("text", "", 0, content=f"[{token.content or gettext('a picture that is not here')}]")


def file_key(address: str) -> str | None:
    """The key in the address of a file of ours; None for any other address."""
    found = _FILE.match(address)
    return found[1] if found else None


def pictures_in(text: str) -> frozenset[str]:
    """The keys of the files that a text shows as pictures."""
    if refusal(text) is not None:
        return frozenset()
    shown: set[str] = set()
    for token in _renderer().parse(text):
        for child in token.children or ():
            if child.type == "image" and (key := file_key(str(child.attrGet("src") or ""))):
                shown.add(key)
    return frozenset(shown)


def escaped(text: str) -> str:
    """One line of somebody's own writing as Markdown that shows it as it was typed, wherever it is opened: no heading,
    link, list, picture or element of its own. Spaces before it stay to the eye. Raises nothing."""
    words = text.lstrip(" \t")
    before = "\u00a0" * len(text.removesuffix(words).expandtabs(4))
    shown = _ACTS.sub(r"\\\g<0>", words)
    return before + _BEGINS.sub(lambda it: f"{it[1]}\\{it[2]}" if it[1] else f"\\{it[3]}", shown)


def unescaped(text: str) -> str:
    """The same as it was typed. Raises nothing."""
    return _ESCAPED.sub(r"\1", text)


def to_plain(text: str) -> str:
    """Without its signs, for mails and excerpts: paragraphs, list items with a dash, links with their address."""
    if refusal(text) is not None:
        return text[:MAX_CHARACTERS]
    lines: list[str] = []
    dash = ""
    for token in _renderer().parse(text):
        if token.type == "list_item_open":
            dash = "- "
        elif token.type == "inline":
            lines.append(dash + _words_of(token.children or []))
            dash = ""
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.rstrip("\n"))
        elif token.type in ("paragraph_close", "heading_close", "bullet_list_close", "ordered_list_close"):
            lines.append("")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _words_of(tokens: list[Token]) -> str:
    said: list[str] = []
    targets: list[Any] = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            said.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            said.append("\n")
        elif token.type == "image":
            said.append(f"[{token.content}]")
        elif token.type == "link_open":
            targets.append((token.attrGet("href"), len(said)))
        elif token.type == "link_close" and targets:
            address, begun = targets.pop()
            if address and "".join(said[begun:]) != address:
                said.append(f" ({address})")
    return "".join(said)
