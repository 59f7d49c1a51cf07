"""What a page is made of: its elements with the names of their attributes, the addresses that it leads to, and its text."""

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "hx-get",
    "hx-post",
    "hx-put",
    "hx-delete",
    "poster",
    "data",
    "srcset",
}
_PROGRAMS = re.compile(r"on|x-|@|:|hx-on|style$|srcdoc$")  # no page of ours has any of these
_JSON = {"hx-vals", "hx-headers"}


@dataclass(init=False)
class Page(HTMLParser):
    """`tree`: in the order of the page. `wrong`: what no page of ours may have, whatever is stored."""

    tree: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def __init__(self, text: str) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)
        self.tree, self.wrong, self.pieces, self.values = [], [], [], []
        self.feed(text)
        self.close()

    @property
    def text(self) -> str:
        return words_of("".join(self.pieces))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tree.append((tag, tuple(sorted(name for name, _value in attrs))))
        for name, value in attrs:
            said = value or ""
            self.values.append(said)
            if _PROGRAMS.match(name):
                self.wrong.append(f"<{tag} {name}>")
            if name in _ADDRESSES and not re.match(r"/(?![/\\])|\?|#|$|https?://|mailto:", said):
                self.wrong.append(f"<{tag} {name}={said[:80]!r}>")
            if name in _JSON:
                json.loads(said)

    def handle_comment(self, data: str) -> None:
        self.tree.append(("<!--", ()))

    def handle_decl(self, decl: str) -> None:
        self.tree.append(("<!", ()))

    def handle_pi(self, data: str) -> None:
        self.tree.append(("<?", ()))

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def words_of(text: str) -> str:
    """As the eye reads them: a typed field keeps a letter and its accent as one sign."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def difference(page: Page, twin: Page) -> str:
    """Elements, with their attributes, that one has and the other has not; empty where there are none. Names that sort
    otherwise may change their order."""
    more, less = Counter(page.tree) - Counter(twin.tree), Counter(twin.tree) - Counter(page.tree)
    return f"more: {dict(more)}, less: {dict(less)}" if more or less else ""
