"""What a reader can see of a text: empty is what nobody can read, however many characters it has."""

import unicodedata

# Letters and symbols by their category, and yet nothing is drawn: fillers of Hangul, the blank of Braille.
_DRAW_NOTHING = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Marks and unassigned signs that Unicode has ignored where a text is drawn (Default_Ignorable_Code_Point): joiners,
# vowels inherent in Khmer, what says how the letter before is drawn.
_IGNORED = frozenset(
    map(
        chr,
        (
            0x034F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2065, *range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9),
            *range(0xE0000, 0xE1000),
        ),
    )
)  # fmt: skip
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Me", "Mc"))


def is_blank(text: str) -> bool:
    """Nothing in it can be seen: white space, zero-width and control characters, marks without a letter."""
    return not any(
        character not in _DRAW_NOTHING and unicodedata.category(character) not in _UNSEEN for character in text
    )


def read_alike(text: str) -> str:
    """One and the same for texts that people read as one: whatever the case, the width, how a letter is composed, how
    wide blanks are, and what stands between that is not seen. Letters of another alphabet are others."""
    seen = "".join(sign for sign in text if sign.isspace() or not _is_no_width(sign))  # first: it keeps letters apart
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    blanks = "".join(" " if sign.isspace() or sign in _DRAW_NOTHING else sign for sign in plain)
    return " ".join("".join(sign for sign in blanks if not _is_no_width(sign)).split())


def _is_no_width(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs") or sign in _IGNORED


def is_kept(text: str) -> bool:
    """Whether the database keeps it as it is: no NUL, no half of a character."""
    return not any(sign == "\0" or unicodedata.category(sign) == "Cs" for sign in text)


def one_line(text: str) -> str:
    """On one line, without what no database keeps (NUL) and what no page draws (other control characters)."""
    return " ".join("".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text).split())


def printable_line(text: str) -> str:
    """What a stranger says, on one line, of what is seen alone: without marks that turn its direction, too."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
