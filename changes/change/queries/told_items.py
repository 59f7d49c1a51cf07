"""The items that a change names, in its history: which were added and removed, as the reader may see them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.cmdb.queries.changed import named_for
from itsm.kernel.actors import Actor
from itsm.ui.activity import Delta


def tell_items(entries: Iterable[Any], actor: Actor) -> None:
    """Let the entries of a change's history say how its items changed (`told_also`). One query; none without any."""
    changed = {id(one): pair for one in entries for pair in [one.changes.get("items")] if isinstance(pair, list)}
    names = named_for(actor, {item for pair in changed.values() for held in pair for item in held or ()})
    for entry in entries:
        pair = changed.get(id(entry))
        if pair is not None:
            before, after = ({*(held or ())} for held in pair)
            entry.told_also = [_delta(before, after, names)]


def _delta(before: set[int], after: set[int], names: dict[int, str]) -> Delta:
    """Only what differs is named; how many stayed is said, so that nobody takes the difference for the whole."""
    stayed = len(before & after)
    beside = ngettext("Affected items beside %(count)s that stays", "Affected items beside %(count)s that stay", stayed)
    label = beside % {"count": stayed} if stayed else _("Affected items")
    sides = (", ".join(names[one] for one in sorted(side)) or _("nothing") for side in (before - after, after - before))
    return Delta(label, *sides)
