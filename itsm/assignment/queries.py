"""Reads: the rules that somebody may know, what a filter finds, traces, and what a dry run says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from itsm.accounts.models import User
from itsm.accounts.queues import rights_in_queues
from itsm.assignment import filter_words
from itsm.assignment.deciding import Outcome, Turns, decide
from itsm.assignment.kinds import Kind, kind_of
from itsm.assignment.matching import Holding
from itsm.assignment.models import Routing, Rule
from itsm.assignment.routing import active_rules, only
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work.grammar import pairs_of

MOST_TRIED = 1000
_SECRET_FIELDS = ("team", "parent")  # what a reader may not know of, beside the queue that a rule places into
_MOST_TRACES = 20


def rules(actor: Actor) -> list[Rule]:
    """The rules that the actor may know, in their order: none that places into, or names, what they may not see."""
    found = Rule.objects.select_related("team", "person").order_by("record_kind", "position")
    return [rule for rule in found if _known_to(actor, kind_of(rule.record_kind), rule.filter, rule.team_id)]


def _known_to(actor: Actor, kind: Kind, query: str, team_id: int | None) -> bool:
    if team_id is not None and not rights_in_queues(actor).sees(team_id):
        return False
    if not any(name.removeprefix("not.") in _SECRET_FIELDS for name, _value in pairs_of(query)):
        return True
    try:
        kind.narrowed(kind.model._default_manager.none(), filter_words.terms(kind, query), actor)
    except InvalidInput:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One rule of a trace: `place` counts those that are shown. `missed`: what did not hold; `did`: what it gave."""

    place: int
    name: str
    held: bool
    missed: list[str]
    did: list[str]


def steps(actor: Actor, record_kind: str, trace: Sequence[Mapping[str, Any]]) -> list[Step]:
    """The lines of a trace that the actor may read, counted from one."""
    kind = kind_of(record_kind)
    shown = [one for one in trace if _known_to(actor, kind, one["filter"], one["team"])]
    return [
        Step(place, one["name"], one["held"], list(one["missed"]), list(one["did"]))
        for place, one in enumerate(shown, 1)
    ]


def routings_of(record: Any) -> list[Routing]:
    """What the rules said about a record, newest first."""
    found = Routing.objects.filter(record_kind=record.kind, record_id=record.pk)
    return list(found.select_related("by").order_by("-id")[:_MOST_TRACES])


def matching_count(actor: Actor, record_kind: str, query: str) -> int:
    """How many records of late a filter finds, among what the actor may see, to 1,000 and one.

    Raises InvalidInput for what no rule may say.
    """
    kind = kind_of(record_kind)
    terms = filter_words.terms(kind, query)
    found: int = kind.narrowed(kind.recent(actor), terms, actor).order_by()[: MOST_TRIED + 1].count()
    return found


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rules would do with one record; `changes`: another queue, or another person."""

    record: Any
    outcome: Outcome
    steps: list[Step]

    @property
    def changes(self) -> bool:
        """Whether it would lie in another queue, or somebody else would have it."""
        moved = self.outcome.team is not None and self.outcome.team.pk != self.record.team_id
        return bool(moved or self.person != self.record.assigned_to)

    @property
    def person(self) -> User | None:
        """Who would have it."""
        if self.outcome.person is not None or self.outcome.lets_go:
            return self.outcome.person
        held: User | None = self.record.assigned_to
        return held


def tried(actor: Actor, record_kind: str, query: str = "", *, most: int = MOST_TRIED) -> list[Tried]:
    """What the active rules that the actor may know would do now with records of late that the query finds, oldest of
    them first, as if each was routed again. Nothing is written. Raises InvalidInput for the query."""
    kind = kind_of(record_kind)
    wanted = kind.narrowed(kind.recent(actor), kind.terms_of(pairs_of(query)), actor)
    records = sorted(wanted.order_by("-pk")[: min(most, MOST_TRIED)], key=lambda one: int(one.pk))
    with only({rule.pk for rule in rules(actor)}):
        asked = active_rules(record_kind)
    holding = Holding(kind, asked, [one.pk for one in records])
    turns = Turns(kind, rehearsal=True)
    outcomes = [(one, decide(one, asked, holding, kind, turns)) for one in records]
    return [Tried(one, outcome, steps(actor, record_kind, outcome.trace)) for one, outcome in outcomes]


def tried_values(actor: Actor, record_kind: str, values: Mapping[str, Any]) -> tuple[Any, list[Step]]:
    """A record as it would be if these values were sent, and why; it is opened, routed and taken back.

    Raises what opening one raises.
    """
    kind = kind_of(record_kind)
    with transaction.atomic(), only({rule.pk for rule in rules(actor)}):
        record = kind.opened(values, actor)
        record.refresh_from_db()
        trace = Routing.objects.filter(record_kind=record_kind, record_id=record.pk).first()
        transaction.set_rollback(True)
    return record, steps(actor, record_kind, trace.trace if trace else [])
