"""What a service depends on, as it is sent and as it is stored."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import TypedDict

from django.utils.translation import gettext

from catalog.services.models import Dependency, Service
from itsm.kernel.errors import InvalidInput


class Reliance(TypedDict):
    """What a service depends on: any `needs` of the services `any_of` (one of one: a plain dependency)."""

    any_of: list[Service]
    needs: int


def _arrows(depends_on: Sequence[Reliance]) -> set[tuple[int, frozenset[int], int]]:
    """Each provider with the group that it is one of, and how many of that are needed."""
    return {
        (one.pk, frozenset(each.pk for each in reliance["any_of"]), reliance["needs"])
        for reliance in depends_on
        for one in reliance["any_of"]
    }


def _standing(service: Service) -> dict[tuple[int, frozenset[int], int], Dependency]:
    """What it depends on now, in the shape of `_arrows`."""
    groups: dict[str, list[Dependency]] = defaultdict(list)
    for arrow in service.dependencies.all():
        groups[arrow.redundancy or f"alone {arrow.on_id}"].append(arrow)
    return {
        (arrow.on_id, frozenset(each.on_id for each in those), arrow.needs): arrow
        for those in groups.values()
        for arrow in those
    }


def leaves_out(service: Service, depends_on: Sequence[Reliance] | None) -> bool:
    """Whether an arrow that stands now would be gone, or be in another group."""
    return depends_on is not None and bool(_standing(service).keys() - _arrows(depends_on))


def dependency_slugs(service: Service) -> list[str]:
    """What it depends on now, by slug."""
    return sorted(service.dependencies.values_list("on__slug", flat=True))


def set_dependencies(service: Service, depends_on: Sequence[Reliance]) -> None:
    """These and no others, in the caller's transaction; what stands already stays as it is.

    InvalidInput for itself, one twice, an odd group.
    """
    _require_sound(service, depends_on)
    stands, wanted = _standing(service), _arrows(depends_on)
    gone = [arrow.pk for shape, arrow in stands.items() if shape not in wanted]
    kept = {arrow.redundancy for shape, arrow in stands.items() if shape in wanted}
    names = (f"group-{number}" for number in count(1) if f"group-{number}" not in kept)
    service.dependencies.filter(pk__in=gone).delete()
    for reliance in depends_on:
        new = [] if _arrows([reliance]) <= stands.keys() else reliance["any_of"]  # a group stands whole, or not at all
        group = next(names) if len(new) > 1 else ""
        Dependency.objects.bulk_create(
            Dependency(service=service, on=one, redundancy=group, needs=reliance["needs"]) for one in new
        )


def _require_sound(service: Service, depends_on: Sequence[Reliance]) -> None:
    if any(not 1 <= reliance["needs"] <= len(reliance["any_of"]) for reliance in depends_on):
        raise InvalidInput(
            gettext("A group needs at least one and at most all of its services."), {"depends_on": ["needs"]}
        )
    providers = [one.pk for reliance in depends_on for one in reliance["any_of"]]
    if len(set(providers)) != len(providers) or service.pk in providers:
        raise InvalidInput(
            gettext("A service depends on others, on each of them once."), {"depends_on": ["repeated or itself"]}
        )
