"""How much waits for one person's word: the numbers beside the navigation, on every page."""

from dataclasses import replace
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from itsm.approvals.asked import kinds_by_rules
from itsm.approvals.queries import waiting_for
from itsm.approvals.waiting import asked_first, told, waiting
from itsm.composed import NOW, composed
from itsm.kernel.actors import Actor

_MOST_WAITING = 100


class _First(NamedTuple):
    """The kinds of records that the first open asks are about. `are_all`: no more wait."""

    kinds: list[str]
    are_all: bool


def waiting_count(actor: Actor, kind: str = "") -> int:
    """How many open asks this person may answer, about one kind of record or all: no further than a hundred. Whoever
    looks with the rights of others has counted what they are shown of the first hundred.

    One statement for all kinds, once per request; only where a hundred wait, a kind is counted by itself. Whoever looks
    costs more: each of these records is told, on every page.
    """
    first = _first(actor)
    if not kind or first.are_all:
        return first.kinds.count(kind) if kind else len(first.kinds)
    if actor.looks_only:
        return len(waiting(actor, timezone.now(), kind=kind, most=_MOST_WAITING))
    return len(waiting_for(actor).filter(record_kind=kind).values_list("pk")[:_MOST_WAITING])


def _first(actor: Actor) -> _First:
    memo, key = ({} if actor.memo is None else actor.memo), ("waiting", actor.whose_work, actor.roles)
    if key not in memo:
        memo[key] = _read_first(actor)
    found: _First = memo[key]
    return found


def _read_first(actor: Actor) -> _First:
    """Every page asks."""
    if actor.looks_only:  # a record of which they may read nothing is not shown: its kind says that
        asks = asked_first(actor, most=_MOST_WAITING)
        shown = told(asks, actor, timezone.now())
        return _First([one.ask.record_kind for one in shown], len(asks) < _MOST_WAITING)
    known = tuple((rules, tuple(kinds)) for rules, kinds in kinds_by_rules().items())
    kinds = [kind for (kind,) in _first_kinds(replace(actor, memo=None), _MOST_WAITING, known).rows()]
    return _First(kinds, len(kinds) < _MOST_WAITING)


@composed
def _first_kinds(actor: Actor, most: int, _known: tuple[Any, ...]) -> QuerySet[Any, Any]:
    return waiting_for(actor, NOW).values_list("record_kind", flat=True)[:most]
