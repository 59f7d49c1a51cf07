"""Words of strangers as an agent gets them: marked, with where they came from, and nothing in them invisible.

Look-alike letters of other scripts are left as they are: who and what is meant is said by references, slugs and user
names, whose alphabets are closed, never by a name.
"""

from itsm.agents.answers import Origin, Quoted
from itsm.kernel.visible import visible

__all__ = ["LONGEST", "quoted", "visible"]

LONGEST = 4_000
_LONGEST_NAME = 200


def quoted(text: str, origin: Origin, by: str = "", longest: int = LONGEST) -> Quoted:
    """These words as a quotation. Raises nothing."""
    return Quoted(
        quoted_from=origin, by=visible(by[:_LONGEST_NAME]), text=visible(text[:longest]), cut=len(text) > longest
    )
