"""What the rules decide about a record: the first that matches places it, the additions of all that match apply.

Routing and the dry run are this one function. A dry run locks nothing and keeps in memory whose turn it would be.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from itsm.accounts.models import QueueRight, Team, User
from itsm.accounts.queues import people_with
from itsm.assignment.kinds import Kind
from itsm.assignment.matching import Holding
from itsm.assignment.models import Assign, Rule, Turn


@dataclass(slots=True)
class Outcome:
    """What a record gets: another queue, a person (None: as it is), people who follow it, tasks; and why.

    `lets_go`: who has it may not work in the other queue, and nobody else gets it.
    """

    team: Team | None = None
    person: User | None = None
    lets_go: bool = False
    watchers: list[User] = field(default_factory=list)
    checklist: list[str] = field(default_factory=list)
    trace: list[dict[str, Any]] = field(default_factory=list)
    decided_by: Rule | None = None


class Turns:
    """Who is next. `rehearsal`: nothing is locked or kept."""

    def __init__(self, kind: Kind, *, rehearsal: bool) -> None:
        self._kind, self._rehearsal = kind, rehearsal
        self._people: dict[int, list[User]] = {}
        self._last: dict[int, int | None] = {}
        self._open: dict[int, int] = {}
        self._given: Counter[int] = Counter()

    def working_in(self, team_id: int) -> list[User]:
        """Active people who may work there, in one order."""
        if team_id not in self._people:
            self._people[team_id] = list(people_with(team_id, QueueRight.CHANGE).order_by("pk"))
        return self._people[team_id]

    def next_for(self, rule: Rule, team_id: int) -> User | None:
        """Whom a rule gives something in this queue; None where nobody may work there."""
        turn = self._held(rule)
        people = self.working_in(team_id)
        if not people:
            return None
        if rule.assign == Assign.ROUND_ROBIN:
            last = self._last[rule.pk]
            chosen = next((one for one in people if last is not None and one.pk > last), people[0])
        else:
            self._count(people)
            chosen = min(people, key=lambda one: (self._open[one.pk] + self._given[one.pk], one.pk))
        self._last[rule.pk] = chosen.pk
        if turn is not None:
            turn.last = chosen
            turn.save(update_fields=["last"])
        return chosen

    def passes(self, before: int | None, after: int | None) -> None:
        """Open work goes from one to another; what these decisions gave counts as what is stored does."""
        self._given.subtract([before] if before is not None else [])
        self._given.update([after] if after is not None else [])

    def _held(self, rule: Rule) -> Turn | None:
        """Whose turn it was, locked until the transaction ends: the next one waits, and sees what was given here."""
        if self._rehearsal:
            if rule.pk not in self._last:
                self._last[rule.pk] = Turn.objects.filter(rule=rule).values_list("last", flat=True).first()
            return None
        turn = Turn.objects.select_for_update(no_key=True).filter(rule=rule).first()
        if turn is None:  # the first of all: one of two begins, the other waits for it
            Turn.objects.bulk_create([Turn(rule=rule)], ignore_conflicts=True)
            turn = Turn.objects.select_for_update(no_key=True).get(rule=rule)
        self._last[rule.pk] = turn.last_id
        return turn

    def _count(self, people: Sequence[User]) -> None:
        unknown = [one.pk for one in people if one.pk not in self._open]
        if unknown:
            counted = self._kind.open_work(unknown)
            self._open |= {pk: counted.get(pk, 0) for pk in unknown}


def decide(record: Any, rules: Sequence[Rule], holding: Holding, kind: Kind, turns: Turns) -> Outcome:
    """What the rules, in their order, say about a record as it stands now. Nothing is written but the turn."""
    outcome = Outcome()
    matching: list[tuple[Rule, dict[str, Any]]] = []
    for rule in rules:
        missed = holding.missed(rule, record.pk)
        line: dict[str, Any] = {
            "rule": rule.pk, "name": rule.name, "filter": rule.filter, "team": rule.team_id, "held": not missed,
            "missed": missed, "did": [],
        }  # fmt: skip
        outcome.trace.append(line)
        if missed:
            continue
        matching.append((rule, line))
        if outcome.decided_by is None and (rule.team_id is not None or rule.assign != Assign.NONE):
            outcome.decided_by = rule
            line["did"] += _place(record, rule, kind, turns, outcome)
    for rule, line in matching:
        line["did"] += _add(record, rule, outcome)
    return outcome


def _place(record: Any, rule: Rule, kind: Kind, turns: Turns, outcome: Outcome) -> list[str]:
    """Queue and person by the rule that decides; blanks only, unless it overrides. What it did, in words."""
    said = []
    team, lies_in = rule.team, record.team_id
    if team is not None and team.pk != lies_in:
        if not team.takes_work or team.retired_at is not None:
            return [_("%(team)s takes no work any more") % {"team": team.name}]
        # As everywhere: nothing leaves it for the open by itself, and no lead takes what they may not see.
        if record.team.confidential and (rule.own_queue or not team.confidential):
            return [_("it lies in a confidential queue: left there")]
        if not (rule.override or kind.blank_team(record)):
            return [_("somebody chose another queue: left there")]
        outcome.team, lies_in = team, team.pk
    if team is not None:
        said.append(_("queue %(team)s") % {"team": team.name})
    has = record.assigned_to_id
    stays = has is not None and (outcome.team is None or has in {one.pk for one in turns.working_in(lies_in)})
    outcome.lets_go = has is not None and not stays
    if rule.assign != Assign.NONE:
        said.append(_give(stays, rule, lies_in, turns, outcome))
    if kind.is_open(record) and (outcome.person is not None or outcome.lets_go):
        turns.passes(has, outcome.person.pk if outcome.person is not None else None)
    return said


def _give(stays: bool, rule: Rule, team_id: int, turns: Turns, outcome: Outcome) -> str:
    """Give it to a person of the queue, unless who has it keeps it. What was done, in words."""
    if stays and not rule.override:
        return _("somebody has it: left with them")
    if rule.assign == Assign.PERSON:
        person = next((one for one in turns.working_in(team_id) if one.pk == rule.person_id), None)
    else:
        person = turns.next_for(rule, team_id)
    if person is None:
        return _("nobody who may work there: given to nobody")
    outcome.person, outcome.lets_go = person, False
    return _("given to %(person)s") % {"person": person}


def _add(record: Any, rule: Rule, outcome: Outcome) -> list[str]:
    """Followers and tasks of a rule that matches. What it added, in words."""
    lies_in = outcome.team.pk if outcome.team is not None else record.team_id
    if rule.own_queue and lies_in != rule.team_id:
        return [_("it lies in another queue: nothing added")] if rule.watchers or rule.checklist else []
    people = [one for one in may_follow(rule.watchers, lies_in) if one not in outcome.watchers]
    titles = [title for title in rule.checklist if title not in outcome.checklist]
    outcome.watchers += people
    outcome.checklist += titles
    said = [_("%(person)s follows it") % {"person": one} for one in people]
    return [*said, *(_("task: %(title)s") % {"title": title} for title in titles)]


def may_follow(ids: Iterable[int], team_id: int) -> list[User]:
    """Those of these people who are active, and see the queue where it is confidential: no rule shares a secret."""
    wanted = list(ids)
    if not wanted:
        return []
    people = User.objects.active_people().filter(pk__in=wanted).order_by("pk")
    if not Team.objects.filter(pk=team_id, confidential=True).exists():
        return list(people)
    inside = {one.pk for right in (QueueRight.VIEW, QueueRight.CHANGE) for one in people_with(team_id, right)}
    return [one for one in people if one.pk in inside]
