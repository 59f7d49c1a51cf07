"""Whom a violation concerns: services and people behind what was found. What lies above says so for its kinds."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from django.utils.translation import gettext

from itsm.accounts.interest import natural_persons
from itsm.invariants.models import Violation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted


class Concerned(NamedTuple):
    """`services`: ids; `accounts`: of those who asked for it, wrote it, carry it out, or decided."""

    services: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()


Find = Callable[[Collection[str]], Concerned]
_found_by: dict[str, Find] = {}


def register(kind: str, find: Find) -> None:
    """`find(references)` of samples of that kind. Called once, at start."""
    _found_by[kind] = find


def of(violation: Violation) -> Concerned:
    """All that is known of what was sampled."""
    by_kind: dict[str, set[str]] = {}
    for one in violation.sample:
        by_kind.setdefault(one["kind"], set()).add(one["reference"])
    found = [_found_by[kind](sorted(names)) for kind, names in by_kind.items() if kind in _found_by]
    return Concerned(
        frozenset().union(*(one.services for one in found)), frozenset().union(*(one.accounts for one in found))
    )


def services(violation: Violation) -> list[int]:
    """Ids of the services that it concerns."""
    return sorted(of(violation).services)


def require_unconcerned(violation: Violation, actor: Actor, *, doing: str) -> None:
    """Raise NotPermitted for the people behind what was found."""
    if actor.person_id in natural_persons(of(violation).accounts):
        raise NotPermitted(
            gettext("%(actor_name)s stands behind what was found; somebody without an interest may %(doing)s.")
            % {"actor_name": actor.name, "doing": doing}
        )
