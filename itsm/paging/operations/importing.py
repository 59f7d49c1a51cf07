"""Escalation policies of another system's file, beside its schedules: written once, live only when somebody says so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError
from itsm.oncall.models import Schedule
from itsm.paging.formats.imported import ReadPolicy, ReadStep, ReadTarget, read
from itsm.paging.models import EscalationPolicy
from itsm.paging.operations import policies
from itsm.paging.operations.policies import NewStep, Target


def take_policies(
    source: str,
    document: Any,
    schedules: Mapping[str, Schedule | None],
    people: Mapping[str, User],
    actor: Actor,
    at: datetime,
    dry_run: bool,
) -> Sequence[str]:
    """What became of each policy, a line each and one for what is otherwise. `schedules`: by their key there, `people`:
    by e-mail. A policy of the same name is changed. Raises nothing."""
    try:
        found = read(source, document)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return [f"Escalation policies could not be read: {error}"]
    lines: list[str] = []
    known = People(people)
    for one in found:
        steps, missing = _steps(one, schedules, known)
        what = "only looked at" if dry_run else _written(one, steps, schedules, actor)
        lines.append(f"policy {one.name}: {what}; {len(steps)} steps, {one.repeats} repeats")
        lines += [f"  {remark}" for remark in (*one.remarks, *missing)]
    return lines


class People:
    """By e-mail: those that the schedules named, and whoever else has the address."""

    def __init__(self, named: Mapping[str, User]) -> None:
        self._named = named

    def find(self, email: str) -> User | None:
        """An active person; None where nobody has the address. Raises nothing."""
        found = self._named.get(email.lower())
        return found or User.objects.active_people().filter(email__iexact=email).first()


def _steps(
    one: ReadPolicy, schedules: Mapping[str, Schedule | None], people: People
) -> tuple[list[NewStep], list[str]]:  # fmt: skip
    """What can be paged here, and what cannot, in words."""
    steps, missing = [], []
    for step in one.steps:
        targets: list[Target] = []
        for each in step.targets:
            named = _targets(each, schedules, people)
            targets += named
            if not named:
                missing.append(f"{each.kind} {each.ref} is not known here.")
        if targets:
            steps.append(_new(step, targets))
    return steps, missing


def _new(step: ReadStep, targets: list[Target]) -> NewStep:
    both = step.begin is not None and step.end is not None
    return NewStep(step.wait, tuple(targets), step.begin if both else None, step.end if both else None)


def _targets(each: ReadTarget, schedules: Mapping[str, Schedule | None], people: People) -> list[Target]:
    """A schedule there may be several here: its rotations were on call at once."""
    if each.kind == "schedule":
        found = [
            one for key, one in schedules.items()
            if one is not None and (key == each.ref or key.startswith(f"{each.ref}/"))
        ]  # fmt: skip
        return [Target("schedule", schedule=one, which=each.which) for one in found]
    if each.kind == "team":
        team = Team.objects.standing().filter(name__iexact=each.ref).first()
        return [Target("team", team=team)] if team is not None else []
    person = people.find(each.ref)
    return [Target("person", person=person)] if person is not None else []


def _written(one: ReadPolicy, steps: list[NewStep], schedules: Mapping[str, Schedule | None], actor: Actor) -> str:
    if not steps:
        return "not written: it would page nobody"
    whose = Team.objects.standing().filter(name__iexact=one.team).first() if one.team else None
    whose = whose or next((target.schedule.team for step in steps for target in step.targets if target.schedule), None)
    if whose is None:
        return "not written: there is no team of its name"
    zone = next((target.schedule.zone for step in steps for target in step.targets if target.schedule), "UTC")
    there = EscalationPolicy.objects.standing().filter(name=one.name[:100]).first()
    try:
        if there is None:
            policies.create(actor=actor, name=one.name[:100], team=whose, zone=zone, repeats=one.repeats, steps=steps)
            return "created"
        policies.edit(there, actor=actor, version=there.version, steps=steps, repeats=one.repeats)
    except DomainError as error:
        return f"not written: {error.detail}"
    return "as it is there"
