"""What a reader can see of a text: empty is what nobody can read, however many characters it has."""

import unicodedata

# Letters and symbols by their category, and yet nothing is drawn: fillers of Hangul, the blank of Braille.
_DRAW_NOTHING = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Me", "Mc"))


def is_blank(text: str) -> bool:
    """Nothing in it can be seen: white space, zero-width and control characters, marks without a letter."""
    return not any(
        character not in _DRAW_NOTHING and unicodedata.category(character) not in _UNSEEN for character in text
    )


def is_kept(text: str) -> bool:
    """Whether the database keeps it as it is: no NUL, no half of a character."""
    return not any(sign == "\0" or unicodedata.category(sign) == "Cs" for sign in text)


def one_line(text: str) -> str:
    """On one line, without what no database keeps (NUL) and what no page draws (other control characters)."""
    return " ".join("".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text).split())


def printable_line(text: str) -> str:
    """What a stranger says, on one line, of what is seen alone: without marks that turn its direction, too."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
