"""Texts with nothing in them that nobody would see.

What draws nothing, turns the direction of reading or piles up on a letter could carry a message past the people who
read the same text, so it is written out.
"""

import unicodedata
from itertools import groupby

# A letter bears so many marks (Vietnamese two, pointed Hebrew three or four); so many hidden ones in a row are named.
_MARKS, _NAMED = 4, 8
_SHOWN_AS_IT_IS = {"\n", "\t"}
# Letters and marks that draw nothing, or fill a line with nothing: no category of theirs says so.
_BLANK = frozenset(
    map(
        chr,
        (
            0x034F,
            0x115F,
            0x1160,
            0x17B4,
            0x17B5,
            *range(0x180B, 0x1810),
            0x2800,
            0x3164,
            0xFFA0,
            0x16FE4,
            0x1D159,
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)


def visible(text: str) -> str:
    """The same with what nobody would see written out, as ⟨U+200B⟩; every space is the plain one. Raises nothing."""
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(_shown(kind, "".join(run)) for kind, run in groupby(text, _kind))


def _kind(one: str) -> str:
    if one in _SHOWN_AS_IT_IS:
        return "seen"
    if one in _BLANK:
        return "hidden"
    category = unicodedata.category(one)
    if category == "Zs":
        return "space"
    if not one.isprintable():  # controls, formats, surrogates, private and unknown signs, separators of lines
        return "hidden"
    return "mark" if category in {"Mn", "Me"} else "seen"


def _shown(kind: str, run: str) -> str:
    if kind == "space":
        return " " * len(run)
    if kind == "mark":
        return run if len(run) <= _MARKS else f"{run[:_MARKS]}⟨{len(run) - _MARKS} more marks⟩"
    if kind == "hidden":
        named = "".join(f"⟨U+{ord(one):04X}⟩" for one in run[:_NAMED])
        return named if len(run) <= _NAMED else f"{named}⟨{len(run) - _NAMED} more invisible⟩"
    return run
