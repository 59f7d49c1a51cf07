"""The configuration items that a change names beside its service."""

from collections.abc import Iterable

from django.utils.translation import gettext

from catalog.cmdb.queries.changed import services_among
from itsm.kernel.errors import InvalidInput

MOST_ITEMS = 50


def affected_items(ids: Iterable[int]) -> list[int]:
    """The items, each once, by number. InvalidInput for a service (it is asked about by itself) and for too many."""
    wanted = sorted(set(ids))
    if len(wanted) > MOST_ITEMS:
        raise InvalidInput.about("items", gettext("A change names at most %(most)s items.") % {"most": MOST_ITEMS})
    if found := services_among(wanted):
        words = gettext("%(slug)s is a service: ask about it by a change of its own.")
        raise InvalidInput.about("items", words % {"slug": found[0]})
    return wanted
