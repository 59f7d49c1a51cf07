"""Words of strangers as an agent gets them: marked, with where they came from, and nothing in them invisible."""

import unicodedata

from itsm.agents.answers import Origin, Quoted

LONGEST = 4_000
# Letters need no naming; of what is no letter, digit, mark, sign or plain space, the name is shown.
_SHOWN_AS_IT_IS = {"\n", "\t", " "}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
# Letters and marks that draw nothing, or fill a line with nothing.
_BLANK = {
    0x034F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x2800,
    0x3164,
    0xFFA0,
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
}


def quoted(text: str, origin: Origin, by: str = "", longest: int = LONGEST) -> Quoted:
    """These words as a quotation. Raises nothing."""
    cut = len(text) > longest
    return Quoted(quoted_from=origin, by=visible(by)[:200], text=visible(text[:longest]), cut=cut)


def visible(text: str) -> str:
    """The same with what nobody would see written out, as ⟨U+200B⟩."""
    return "".join(one if _is_seen(one) else f"⟨U+{ord(one):04X}⟩" for one in text)


def _is_seen(one: str) -> bool:
    if one in _SHOWN_AS_IT_IS:
        return True
    return unicodedata.category(one) not in _INVISIBLE and ord(one) not in _BLANK
