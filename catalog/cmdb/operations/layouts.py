"""How somebody likes a graph to lie: theirs alone, and nothing that others read."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from django.utils.translation import gettext

from catalog.cmdb import permissions
from catalog.cmdb.models import CI, Layout
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted

MOST_NODES = 500
FARTHEST = 100_000
_LONGEST_KEY = 80


def keep_layout(item: CI, *, actor: Actor, positions: Mapping[str, Any]) -> Layout:
    """Keep where these nodes were moved to, beside those moved before; with none of them, forget all of it.

    Raises NotPermitted (no person), InvalidInput (no numbers, too many, too far).
    """
    if actor.id is None or not permissions.item_readers(actor):
        raise NotPermitted(gettext("Only who works here moves nodes of a graph."))
    for key, place in positions.items():
        if len(key) > _LONGEST_KEY or not _is_place(place):
            _refuse()
    kept, _ = Layout.objects.get_or_create(subject=item, viewer_id=actor.id)
    kept.positions = {**kept.positions, **positions} if positions else {}
    if len(kept.positions) > MOST_NODES:
        kept.positions = dict(list(kept.positions.items())[-MOST_NODES:])
    kept.save(update_fields=["positions"])
    return kept


def _is_place(place: Any) -> bool:
    return (
        isinstance(place, list)
        and len(place) == 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in place)
        and all(isfinite(one) and abs(one) <= FARTHEST for one in place)
    )


def _refuse() -> None:
    words = gettext("A place is two numbers, at most %(most)s from the middle.") % {"most": FARTHEST}
    raise InvalidInput.about("positions", words)
