"""A record that is written once, as PDF: from the Markdown that it is kept as, for people without an account here.

Promise: the same text at the same time gives the same bytes; every line of the text stands on a page, in its order, as
words and never as instructions; Hebrew and Arabic read from the right; what has no letter in the font is marked and
said at the end. Nothing is fetched: letters come with the product, addresses and pictures in a text stay text.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from unicodedata import bidirectional, category

from django.conf import settings
from django.utils.translation import get_language, gettext
from fpdf import FPDF, XPos, YPos
from fpdf.fonts import TTFFont

_FONTS = settings.BASE_DIR / "itsm" / "ui" / "vendor"
_FAMILY = "DejaVu"
_MARGIN, _FOOT = 18, 16  # mm
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]+Z)?")
_NO_LETTER = "\N{REPLACEMENT CHARACTER}"
# They make a line read otherwise than it is written; who reads minutes must not be led astray.
_TURNING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
_FROM_THE_RIGHT = {"R", "AL"}


class _Style(NamedTuple):
    """Size in points, height of a line and space above in millimetres, how far from the margin, grey of its letters."""

    size: float
    height: float
    above: float = 0
    indent: float = 0
    bold: bool = False
    grey: int = 20


_STYLES = {
    "# ": _Style(16, 8, bold=True),
    "## ": _Style(11.5, 6, above=4, bold=True),
    "- ": _Style(9.5, 5, indent=4),
    "> ": _Style(9.5, 5, indent=8, grey=90),
    "": _Style(9.5, 5),
}


def written(markdown: str, *, title: str, at: datetime) -> bytes:
    """The pages. `title` names the file for those who open it; `at`: when the record was written.

    Of Markdown headings, lists and quotes are drawn; all else stands as it was typed, before `itsm.markdown.escaped`.
    Raises nothing for any text.
    """
    paper = _Paper(title, at)
    for line in markdown.splitlines():
        paper.put(line)
    paper.say_what_is_missing()
    return bytes(paper.output())


class _Paper(FPDF):
    """A4 with page numbers, in letters that come along."""

    def __init__(self, title: str, at: datetime) -> None:
        super().__init__(format="A4")
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=_FOOT + 4)
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font(_FAMILY, style, _FONTS / name)
        letters = self.fonts[_FAMILY.lower()]
        self._known = letters.cmap if isinstance(letters, TTFFont) else {}
        self._missing = False
        self._title = self._readable(title)
        self.set_title(self._title)
        self.set_lang(get_language() or "en")
        self.set_creation_date(at)
        self.add_page()

    def footer(self) -> None:
        """What this is and which page of how many."""
        self.set_y(-_FOOT)
        self.set_font(_FAMILY, size=8)
        self.set_text_color(110)
        self.cell(0, 5, f"{self._title[:80]} \N{MIDDLE DOT} {self.page_no()}/{{nb}}", align="C")

    def put(self, line: str) -> None:
        """One line of Markdown, on as many lines of paper as it needs."""
        line = "> " if line == ">" else line  # an empty line of a quote
        mark = next(mark for mark in _STYLES if line.startswith(mark))
        words = line.removeprefix(mark)
        self._draw(_ESCAPED.sub(r"\1", words), _STYLES[mark], bullet=mark == "- ")

    def say_what_is_missing(self) -> None:
        """The last line, where signs could not be drawn."""
        if self._missing:
            said = gettext("%(sign)s stands for signs that this file has no letters for; the text file has them all.")
            self._draw(said % {"sign": _NO_LETTER}, _Style(8, 4, above=6, grey=90))

    def _draw(self, words: str, style: _Style, *, bullet: bool = False) -> None:
        text = self._readable(words)
        self.ln(style.above if text.strip() else style.height / 2)
        if not text.strip():
            return
        self.set_font(_FAMILY, "B" if style.bold else "", style.size)
        self.set_text_color(style.grey)
        turned = next((kind for kind in map(bidirectional, text) if kind in {"L", *_FROM_THE_RIGHT}), "L") != "L"
        # Joining letters takes ten times as long, so only where a script needs it.
        joins = any(bidirectional(sign) in {*_FROM_THE_RIGHT, "NSM"} for sign in text)
        self.set_text_shaping(joins, direction="rtl" if turned else "ltr")
        if joins:  # a date among Arabic words would read from its day to its year
            text = _DATE.sub("\N{LEFT-TO-RIGHT MARK}\\g<0>\N{LEFT-TO-RIGHT MARK}", text)
        self.set_x(_MARGIN + style.indent)
        if bullet and not turned:
            self.set_x(_MARGIN)
            self.cell(style.indent, style.height, "\N{BULLET}")
        width = self.epw - style.indent
        self.multi_cell(width, style.height, text, align="R" if turned else "L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _readable(self, text: str) -> str:
        return "".join(self._letters(text))

    def _letters(self, text: str) -> Iterator[str]:
        for sign in text:
            if category(sign) in ("Cc", "Zl", "Zp"):
                yield " "
            elif sign in _TURNING:
                continue
            elif ord(sign) in self._known:
                yield sign
            elif category(sign) not in ("Cf", "Mn"):  # the invisible is left out without a word
                self._missing = True
                yield _NO_LETTER
