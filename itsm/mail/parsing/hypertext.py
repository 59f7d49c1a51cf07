"""HTML of mails: as text whose quotations are marked by ">", and as the little HTML that may be shown.

The walk is ours (the standard parser, no recursion), since it has to know what stands within a quotation.
"""

import re
from html.parser import HTMLParser

import nh3

MAX_HTML = 100 * 1024  # characters that are cleaned and shown
MAX_READ = 200 * 1024  # characters that are read as text: what nothing closes costs the parser their square
MAX_DEPTH = 100

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span",
    "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"},
    "ol": {"start"},
}  # fmt: skip
UNSEEN = {"script", "style", "title", "head", "noscript", "template", "object", "embed", "iframe", "svg",
          "math", "textarea", "select", "xmp", "noframes", "noembed"}  # fmt: skip
_CID = re.compile(r'src="cid:([^"<>\s]{1,250})"', re.IGNORECASE)
_BLOCKS = {
    "address", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre"}
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
_QUOTING = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "zmail_extra")
_SPACES = re.compile(r"[ \t\n\r\f\u00a0]+")


class _Walk(HTMLParser):
    """Lines, each with the depth of quotation that it stands in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[int, str]] = []
        self.said = ""
        self.open: list[tuple[str, bool]] = []  # what is open, and whether it quotes
        self.quoted = 0
        self.unseen = 0
        self.verbatim = 0
        self.deepest = 0
        self.targets: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in _BLOCKS:
            self._end_line(blank=tag in _PARAGRAPHS)
        if tag == "br":
            self._end_line(always=True)
        elif tag == "hr":
            self.lines.append((self.quoted, "-" * 20))
        elif tag == "img" and not self.unseen and known.get("alt"):
            self.said += f"[{known['alt']}]"
        elif tag in {"td", "th"} and self.said.strip():
            self.said += "  "
        if tag in _EMPTY:
            return
        quotes = tag == "blockquote" or any(word in (known.get("class") or "") for word in _QUOTING)
        self.open.append((tag, quotes))
        self.deepest = max(self.deepest, len(self.open))
        self.quoted += quotes
        self.unseen += tag in UNSEEN
        self.verbatim += tag == "pre"
        if tag == "li":
            self.said = "- "
        if tag == "a":
            self.targets.append((known.get("href") or "", len(self.said)))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line(blank=tag in _PARAGRAPHS)
        if tag == "a" and self.targets:
            self._say_target(*self.targets.pop())
        # What was never closed ends with what it stands in; an end of nothing that is near is passed over.
        for back in range(1, min(len(self.open), 64) + 1):
            if self.open[-back][0] == tag:
                for name, quotes in self.open[-back:]:
                    self.quoted -= quotes
                    self.unseen -= name in UNSEEN
                    self.verbatim -= name == "pre"
                del self.open[-back:]
                return

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        if not self.verbatim:
            said = _SPACES.sub(" ", data)
            self.said += said.lstrip() if not self.said else said
            return
        first, *others = data.split("\n")
        self.said += first
        for other in others:
            self._end_line(always=True)
            self.said = other

    def _say_target(self, target: str, begun: int) -> None:
        words = self.said[begun:].strip()
        if target.startswith(("http://", "https://")) and words and words.rstrip("/") != target.rstrip("/"):
            self.said += f" ({target[:500]})"

    def _end_line(self, *, blank: bool = False, always: bool = False) -> None:
        said, self.said = self.said.rstrip(), ""
        if said or always:
            self.lines.append((self.quoted, said))
        if blank and self.lines and self.lines[-1][1]:
            self.lines.append((self.quoted, ""))

    def finish(self) -> str:
        self.close()
        self._end_line()
        return "\n".join(f"{'>' * min(depth, 9)} {said}".rstrip() if depth else said for depth, said in self.lines)


def to_text(html: str) -> tuple[str, int]:
    """As text, and how deep its elements lie. What the parser of Python cannot take comes without its tags."""
    walk = _Walk()
    try:
        walk.feed(html[:MAX_READ])
        return walk.finish(), walk.deepest
    except (AssertionError, ValueError, RecursionError):
        return nh3.clean(html[:MAX_HTML], tags=set(), clean_content_tags=UNSEEN), MAX_DEPTH + 1


def clean(html: str) -> str:
    """The little HTML that may be shown: no style, no script, no form; pictures of elsewhere are still named."""
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, clean_content_tags=UNSEEN, strip_comments=True,
        url_schemes={"http", "https", "mailto", "cid"}, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


def cids(cleaned: str) -> frozenset[str]:
    """What pictures of its own a cleaned HTML shows."""
    return frozenset(_CID.findall(cleaned))
