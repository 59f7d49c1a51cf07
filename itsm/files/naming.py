"""Names of files as people may read them: nothing that hides, turns the reading direction or leads elsewhere."""

import re
import unicodedata

from itsm.files.vocabulary import MAX_NAME

_LONGEST_ENDING = 12
_DIVIDES = re.compile(r"[/\\]")
_HIDES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format (as the right-to-left override), no character


def safe_name(name: str) -> str:
    """The last part of a path, without what cannot be seen, at most 200 characters, its ending kept; never empty."""
    last = _DIVIDES.split(name)[-1]
    seen = "".join(" " if one.isspace() else one for one in last if unicodedata.category(one) not in _HIDES)
    words = " ".join(seen.split()).strip(". ") if seen.strip(". ") else ""
    if not words:
        return "file"
    stem, dot, ending = words.rpartition(".")
    if len(words) <= MAX_NAME:
        return words
    if not dot or len(ending) > _LONGEST_ENDING:
        return words[:MAX_NAME]
    return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"
