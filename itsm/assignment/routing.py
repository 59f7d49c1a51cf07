"""Routing of one record by the rules, in the transaction that opens it or that asks again."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.utils import timezone

from itsm import rows
from itsm.assignment.deciding import Outcome, Turns, decide
from itsm.assignment.kinds import RULES, kind_of
from itsm.assignment.matching import Holding
from itsm.assignment.models import Routing, Rule
from itsm.kernel.actors import Actor
from itsm.work.tasks import MAX_TASKS, add_task, tasks_of
from itsm.work.watching import MAX_WATCHERS, also_watches, watchers_of

_only: ContextVar[Collection[int] | None] = ContextVar("_only", default=None)


@contextmanager
def only(rules: Collection[int]) -> Iterator[None]:
    """Within it, no rule but these (ids): what somebody may know is all that their rehearsal tells."""
    before = _only.set(rules)
    try:
        yield
    finally:
        _only.reset(before)


def active_rules(record_kind: str) -> list[Rule]:
    """In order. One query."""
    rules = rows.every(Rule, ("team",), "it.record_kind = %s AND it.active ORDER BY it.position, it.id", [record_kind])
    among = _only.get()
    return [rule for rule in rules if among is None or rule.pk in among]


def route(record: Any, *, actor: Actor, why: str) -> Outcome:
    """What the rules decide about a stored, locked record; the trace is kept, and who is asked puts it into effect.

    Raises nothing.
    """
    rules = active_rules(record.kind)
    if not rules:
        return Outcome()
    kind = kind_of(record.kind)
    outcome = decide(record, rules, Holding(kind, rules, [record.pk]), kind, Turns(kind, rehearsal=False))
    Routing.objects.create(
        record_kind=record.kind, record_id=record.pk, at=timezone.now(), by_id=actor.id, why=why, trace=outcome.trace
    )
    return outcome


def add(record: Any, outcome: Outcome) -> None:
    """Let people follow it and put tasks on it, as was decided; nothing twice, and nothing beyond the limits.

    Raises nothing.
    """
    if outcome.watchers:
        left = MAX_WATCHERS - watchers_of(record).count()
        for person in outcome.watchers[: max(left, 0)]:
            also_watches(record, user=person, by=RULES, why="")
    if outcome.checklist:
        there = set(tasks_of(record).values_list("title", flat=True))
        new = [title for title in outcome.checklist if title not in there]
        for title in new[: max(MAX_TASKS - len(there), 0)]:
            add_task(record, actor=RULES, title=title)
