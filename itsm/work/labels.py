"""Labels: words that people put on records, to find them again together. Each is written in one way only."""

import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

from itsm.kernel.errors import InvalidInput
from itsm.kernel.texts import is_blank

MOST = 20
LONGEST = 40
_OF_THE_FILTER = frozenset({"none", "any", "me", "my-teams"})
_NEVER = (",", "..")


def normal(label: str) -> str:
    """As it is kept: small letters, composed characters, one blank between words."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold()).split())


def labels_in(said: Iterable[str], *, where: str = "labels") -> list[str]:
    """The labels of a record, by the alphabet, each once.

    Raises InvalidInput, under the name `where`, for more than 20, and for one that nobody could read or ask for by
    the filter: empty, longer than 40 characters, with a comma or two dots, beginning with < or >, or one of the
    filter's own words.
    """
    found = sorted({normal(one) for one in said})
    for one in found:
        if wrong := _wrong(one):
            raise InvalidInput.about(where, wrong)
    if len(found) > MOST:
        raise InvalidInput.about(where, _("At most %(most)s labels on one record.") % {"most": MOST})
    return found


def typed(text: str) -> list[str]:
    """What was typed with commas between; what is empty is none."""
    return [one for one in text.split(",") if one.strip()]


def _wrong(label: str) -> str:
    if is_blank(label) or len(label) > LONGEST:
        return _("A label has 1 to %(most)s characters that can be read.") % {"most": LONGEST}
    if any(unicodedata.category(one) in {"Cc", "Cs", "Cn", "Co"} for one in label):
        return _("A label holds no control characters.")
    if any(one in label for one in _NEVER) or label[0] in "<>" or label in _OF_THE_FILTER:
        return _("“%(label)s” cannot be a label: the filter would read it as something else.") % {"label": label}
    return ""
