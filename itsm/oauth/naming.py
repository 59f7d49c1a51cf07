"""The name that a client gives itself: anybody may call themselves anything. It is quoted; odd letters are told."""

import unicodedata

from itsm.agents.quoting import visible

LONGEST = 100


def quoted_name(name: str) -> str:
    """The name with everything that nobody would see written out."""
    return visible(" ".join(name.split()))[: LONGEST * 2]


def odd_alphabets(name: str) -> list[str]:
    """Alphabets beside the Latin one in a name that also has Latin letters, or letters that look like them: a name that
    is made to be taken for another one is. Empty for a name in one alphabet.
    """
    found = {unicodedata.name(one, "UNKNOWN").split()[0] for one in name if one.isalpha()}
    return sorted(one.capitalize() for one in found - {"LATIN"}) if len(found) > 1 or found & _LOOK_ALIKE else []


_LOOK_ALIKE = {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL", "COPTIC"}
