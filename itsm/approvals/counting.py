"""How much waits for one person's word: the numbers beside the navigation, on every page."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from itsm.approvals.asked import kinds_by_rules
from itsm.approvals.queries import waiting_for
from itsm.approvals.waiting import waiting
from itsm.composed import NOW, composed
from itsm.kernel.actors import Actor

_MOST_WAITING = 100


def waiting_count(actor: Actor, kind: str = "") -> int:
    """How many open asks this person may answer, about one kind of record or all: no further than a hundred. Whoever
    looks with the rights of others has counted what they are shown.

    One statement for all kinds, once per request; only where a hundred wait, a kind is counted by itself.
    """
    kinds = _waiting_kinds(actor)
    if not kind or len(kinds) < _MOST_WAITING or actor.looks_only:
        return kinds.count(kind) if kind else len(kinds)
    return len(waiting_for(actor).filter(record_kind=kind).values_list("pk")[:_MOST_WAITING])


def _waiting_kinds(actor: Actor) -> list[str]:
    """The kinds of records that the first hundred open asks are about."""
    memo, key = ({} if actor.memo is None else actor.memo), ("waiting", actor.whose_work, actor.roles)
    if key not in memo:
        memo[key] = _read_kinds(actor)
    found: list[str] = memo[key]
    return found


def _read_kinds(actor: Actor) -> list[str]:
    """Every page asks."""
    if actor.looks_only:  # a record of which they may read nothing is not shown: its kind says that
        return [one.ask.record_kind for one in waiting(actor, timezone.now(), most=_MOST_WAITING)]
    known = tuple((rules, tuple(kinds)) for rules, kinds in kinds_by_rules().items())
    return [kind for (kind,) in _first_kinds(replace(actor, memo=None), _MOST_WAITING, known).rows()]


@composed
def _first_kinds(actor: Actor, most: int, _known: tuple[Any, ...]) -> QuerySet[Any, Any]:
    return waiting_for(actor, NOW).values_list("record_kind", flat=True)[:most]
