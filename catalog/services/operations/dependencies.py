"""What a service depends on, as it is sent and as it is stored: relations of its item, which lie above services."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, TypedDict

from django.utils.translation import gettext

from catalog.services.models import Service
from catalog.services.queries.dependencies import Dependency, dependencies_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput


class Reliance(TypedDict):
    """What a service depends on: any `needs` of the services `any_of` (one of one: a plain dependency)."""

    any_of: list[Service]
    needs: int


class Rewiring(NamedTuple):
    """`ended`: ids of relations that hold no longer. `begun`: ids of providers and how many of them are enough; several
    are a group."""

    ended: Collection[int]
    begun: Sequence[tuple[Sequence[int], int]]


# Writes it, in the caller's transaction: each relation begun or ended, with the history of both of its ends.
Writes = Callable[[Service, Rewiring, Actor], None]
_writers: list[Writes] = []


def are_written_by(writes: Writes) -> None:
    """Say who keeps relations. Called once, in `AppConfig.ready()`."""
    _writers[:] = [writes]


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
    for arrow in dependencies_of([service.pk])[service.pk]:
        groups[arrow.redundancy or f"alone {arrow.on_id}"].append(arrow)
    return {
        (arrow.on_id, frozenset(each.on_id for each in those), arrow.needs): arrow
        for those in groups.values()
        for arrow in those
    }


def leaves_out(service: Service, depends_on: Sequence[Reliance] | None) -> bool:
    """Whether an arrow that stands now would be gone, or be in another group."""
    return depends_on is not None and bool(_standing(service).keys() - _arrows(depends_on))


def require_sound(service: Service, depends_on: Sequence[Reliance] | None) -> None:
    """InvalidInput for itself, one twice, an odd group. None: nothing is said of it."""
    if depends_on is not None:
        _require_sound(service, depends_on)


def dependency_slugs(service: Service) -> list[str]:
    """What it depends on now, by slug."""
    return sorted(one.on_slug for one in dependencies_of([service.pk])[service.pk])


def set_dependencies(service: Service, depends_on: Sequence[Reliance], actor: Actor) -> None:
    """These and no others, in the caller's transaction; what stands already stays as it is.

    InvalidInput for itself, one twice, an odd group.
    """
    _require_sound(service, depends_on)
    stands, wanted = _standing(service), _arrows(depends_on)
    ended = [relation for shape, arrow in stands.items() if shape not in wanted for relation in arrow.relations]
    new = [one for one in depends_on if not _arrows([one]) <= stands.keys()]  # a group stands whole, or not at all
    begun = [([one.pk for one in reliance["any_of"]], reliance["needs"]) for reliance in new]
    if ended or begun:
        _writers[0](service, Rewiring(ended, begun), actor)


def _require_sound(service: Service, depends_on: Sequence[Reliance]) -> None:
    if any(not 1 <= reliance["needs"] <= len(reliance["any_of"]) for reliance in depends_on):
        raise InvalidInput.about("depends_on", gettext("A group needs at least one and at most all of its services."))
    providers = [one.pk for reliance in depends_on for one in reliance["any_of"]]
    if len(set(providers)) != len(providers) or service.pk in providers:
        raise InvalidInput.about("depends_on", gettext("A service depends on others, on each of them once."))
