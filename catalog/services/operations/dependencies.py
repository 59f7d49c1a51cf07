"""What a service depends on, as it is sent and as it is stored."""

from collections import defaultdict
from collections.abc import Sequence
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


def leaves_out(service: Service, depends_on: Sequence[Reliance] | None) -> bool:
    """Whether an arrow that stands now would be gone, or be in another group."""
    if depends_on is None:
        return False
    groups: dict[str, list[Dependency]] = defaultdict(list)
    for arrow in service.dependencies.all():
        groups[arrow.redundancy or f"alone {arrow.on_id}"].append(arrow)
    stands = {
        (arrow.on_id, frozenset(each.on_id for each in those), arrow.needs)
        for those in groups.values()
        for arrow in those
    }
    return bool(stands - _arrows(depends_on))


def dependency_slugs(service: Service) -> list[str]:
    """What it depends on now, by slug."""
    return sorted(service.dependencies.values_list("on__slug", flat=True))


def set_dependencies(service: Service, depends_on: Sequence[Reliance]) -> None:
    """These and no others, in the caller's transaction. InvalidInput for itself, one twice, an odd group."""
    wanted: list[Dependency] = []
    for number, reliance in enumerate(depends_on, start=1):
        providers = reliance["any_of"]
        group = f"group-{number}" if len(providers) > 1 else ""
        if not 1 <= reliance["needs"] <= len(providers):
            raise InvalidInput(
                gettext("A group needs at least one and at most all of its services."), {"depends_on": ["needs"]}
            )
        wanted += [Dependency(service=service, on=one, redundancy=group, needs=reliance["needs"]) for one in providers]
    if len({arrow.on_id for arrow in wanted}) != len(wanted) or any(arrow.on_id == service.pk for arrow in wanted):
        raise InvalidInput(
            gettext("A service depends on others, on each of them once."), {"depends_on": ["repeated or itself"]}
        )
    service.dependencies.all().delete()
    Dependency.objects.bulk_create(wanted)
