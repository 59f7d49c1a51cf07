"""Items and services that a change names, in its history: which were added and removed, as the reader may see them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.cmdb.queries.changed import named_for
from catalog.cmdb.queries.history import HIDDEN
from catalog.services.queries import visible_services
from itsm.kernel.actors import Actor
from itsm.ui.activity import Delta

_TOLD = ("items", "outage_services")


def tell_items(entries: Iterable[Any], actor: Actor) -> None:
    """Let the entries of a change's history say how its items, the services expected to be out, and those that it would
    hit, changed.

    Sets `told_also` of each. Two queries at most; none without any.
    """
    changed = {id(one): pairs for one in entries if (pairs := _pairs(one.changes))}
    held = [side for pairs in changed.values() for pair in pairs.values() for side in pair]
    names = named_for(actor, {item for side in held for item in side or ()})
    _tell_impacted(entries, actor)
    for entry in entries:
        if told := changed.get(id(entry)):
            entry.told_also = [_delta(field, pair, names) for field, pair in told.items()]


def _tell_impacted(entries: Iterable[Any], actor: Actor) -> None:
    """Headroom keeps whom it would hit whole; a reader is told of the services that are theirs to see."""
    hit = [(one, one.changes["impacted"]) for one in entries if isinstance(one.changes.get("impacted"), list)]
    slugs = {slug for _one, pair in hit for side in pair for slug in _slugs(side)}
    seen = set(visible_services(actor).filter(slug__in=slugs).values_list("slug", flat=True)) if slugs else set()
    for entry, pair in hit:
        sides = (dict.fromkeys(slug if slug in seen else HIDDEN for slug in _slugs(side)) for side in pair)
        before, after = (", ".join(sorted(side)) or _("nothing") for side in sides)
        entry.told_also = [Delta(_("Impacted"), before, after)] if before != after else []


def _slugs(side: Any) -> list[str]:
    """By hand it is one, or none."""
    return side if isinstance(side, list) else [side] if side else []


def _pairs(changes: Any) -> dict[str, list[Any]]:
    return {field: changes[field] for field in _TOLD if isinstance(changes.get(field), list)}


def _delta(field: str, pair: list[Any], names: dict[int, str]) -> Delta:
    """Only what differs is named; how many stayed is said, so that nobody takes the difference for the whole."""
    before, after = ({*(side or ())} for side in pair)
    stayed = len(before & after)
    sides = (", ".join(names[one] for one in sorted(side)) or _("nothing") for side in (before - after, after - before))
    return Delta(_label(field, stayed), *sides)


def _label(field: str, stayed: int) -> str:
    if field == "outage_services":
        label = _("Services out")
        beside = ngettext("Services out beside %(count)s that stays", "Services out beside %(count)s that stay", stayed)
    else:
        label = _("Affected items")
        beside = ngettext(
            "Affected items beside %(count)s that stays", "Affected items beside %(count)s that stay", stayed
        )
    return beside % {"count": stayed} if stayed else label
