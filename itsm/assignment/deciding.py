"""What the rules decide about a record: the first that matches places it, the additions of all that match apply.

Routing and the dry run are this one function. A dry run locks nothing and keeps in memory whose turn it would be.
"""

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
    """What a record gets: another queue, a person (None: as it is), people who follow it, tasks; and why."""

    team: Team | None = None
    person: User | None = None
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

    def working_in(self, team_id: int) -> list[User]:
        """Active people who may work there, in one order."""
        if team_id not in self._people:
            self._people[team_id] = list(people_with(team_id, QueueRight.CHANGE).order_by("pk"))
        return self._people[team_id]

    def next_for(self, rule: Rule, team_id: int, *, counts: bool) -> User | None:
        """Whom a rule gives something in this queue; None where nobody may work there. `counts`: it is open work."""
        turn = self._held(rule)
        people = self.working_in(team_id)
        if not people:
            return None
        if rule.assign == Assign.ROUND_ROBIN:
            last = self._last[rule.pk]
            chosen = next((one for one in people if last is not None and one.pk > last), people[0])
        else:
            self._count(people)
            chosen = min(people, key=lambda one: (self._open[one.pk], one.pk))
        self._last[rule.pk] = chosen.pk
        if counts and chosen.pk in self._open:
            self._open[chosen.pk] += 1
        if turn is not None:
            turn.last = chosen
            turn.save(update_fields=["last"])
        return chosen

    def leaves(self, person_id: int | None) -> None:
        """Open work of somebody goes to another."""
        if person_id in self._open:
            self._open[person_id] -= 1

    def _held(self, rule: Rule) -> Turn | None:
        """Whose turn it was, locked until the transaction ends: the next one waits, and sees what was given here."""
        if self._rehearsal:
            if rule.pk not in self._last:
                self._last[rule.pk] = Turn.objects.filter(rule=rule).values_list("last", flat=True).first()
            return None
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
        line = {
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
        if not (rule.override or kind.blank_team(record)):
            return [_("somebody chose another queue: left there")]
        outcome.team, lies_in = team, team.pk
    if team is not None:
        said.append(_("queue %(team)s") % {"team": team.name})
    if rule.assign == Assign.NONE:
        return said
    if record.assigned_to_id is not None and not rule.override:
        return [*said, _("somebody has it: left with them")]
    counts = kind.is_open(record)
    person = _person(rule, lies_in, turns, counts)
    if person is None:
        return [*said, _("nobody who may work there: given to nobody")]
    if counts and record.assigned_to_id is not None:
        turns.leaves(record.assigned_to_id)
    outcome.person = person
    return [*said, _("given to %(person)s") % {"person": person}]


def _person(rule: Rule, team_id: int, turns: Turns, counts: bool) -> User | None:
    if rule.assign == Assign.PERSON:
        return next((one for one in turns.working_in(team_id) if one.pk == rule.person_id), None)
    return turns.next_for(rule, team_id, counts=counts)


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
    people = User.objects.filter(pk__in=wanted, is_active=True, account_type=User.AccountType.HUMAN).order_by("pk")
    if not Team.objects.filter(pk=team_id, confidential=True).exists():
        return list(people)
    inside = {one.pk for right in (QueueRight.VIEW, QueueRight.CHANGE) for one in people_with(team_id, right)}
    return [one for one in people if one.pk in inside]
