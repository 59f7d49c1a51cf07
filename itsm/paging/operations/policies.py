"""Every write to escalation policies: as a whole, since a policy half edited pages the wrong people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_active, require_standing
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, WrongState
from itsm.oncall.models import Schedule
from itsm.paging import permissions, rules
from itsm.paging.models import Escalation, EscalationPolicy, EscalationStep, StepTarget
from itsm.paging.queries import meeting
from itsm.paging.queries.meeting import target_as_said
from itsm.paging.vocabulary import TargetKind, Which
from itsm.slugs import free_slug
from itsm.webhooks.models import WebhookEndpoint

MOST_STEPS, MOST_TARGETS = 20, 20
UsedBy = Callable[[EscalationPolicy], Iterable[str]]
_used_by: list[UsedBy] = []


def used_by(users: UsedBy) -> None:
    """Say what needs a policy: it is not retired while anything does. Called once for each, at start."""
    _used_by.append(users)


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step pages: `kind` says which of the others counts."""

    kind: str
    schedule: Schedule | None = None
    which: str = Which.NOW
    person: User | None = None
    team: Team | None = None
    endpoint: WebhookEndpoint | None = None


@dataclass(frozen=True, slots=True)
class NewStep:
    """`wait`: seconds until the next step; `begin` and `end`: it pages only between these times."""

    wait: int
    targets: Sequence[Target] = field(default_factory=tuple)
    begin: time | None = None
    end: time | None = None


def create(
    *, actor: Actor, name: str, team: Team, steps: Sequence[NewStep], zone: str = "UTC", repeats: int = 2,
    is_last_resort: bool = False,
) -> EscalationPolicy:  # fmt: skip
    """A policy that pages nobody until it goes live. Raises NotPermitted, InvalidInput, NotFound, Conflict."""
    made = EscalationPolicy(name=name.strip(), team=team, zone=zone, repeats=repeats, is_last_resort=is_last_resort)
    _require_keeper(actor, made)
    try:
        with transaction.atomic():
            require_standing(team)
            _check(made, steps, actor)
            made.slug = free_slug(made.name, EscalationPolicy.objects.all(), otherwise="policy")
            made.save(force_insert=True)
            _write(made, steps)
            lifecycle.created(made, actor=actor, changes={"steps": [None, said(made)]})
    except IntegrityError as error:
        raise Conflict(_("There is one policy of that name, and one last resort.")) from error
    return made


def edit(
    policy: EscalationPolicy, *, actor: Actor, version: int | None, steps: Sequence[NewStep] | None = None, **terms: Any
) -> EscalationPolicy:
    """Change name, team, zone, repeats or the steps. What is under way goes on by the policy as it began.

    Raises NotPermitted, InvalidInput, NotFound, Conflict (also a policy that would page nobody), StaleVersion.
    """
    _require_keeper(actor, policy)
    try:
        with lifecycle.edit(policy, actor=actor, version=version) as current:
            _require_standing(current)
            for name, value in terms.items():
                setattr(current, name, value.strip() if isinstance(value, str) else value)
            _require_keeper(actor, current)
            _check(current, steps if steps is not None else None, actor)
            if steps is not None:
                _rewrite(current, steps, actor)
    except IntegrityError as error:
        raise Conflict(_("A policy has to page somebody, and the last resort two people.")) from error
    return current


def _rewrite(current: EscalationPolicy, steps: Sequence[NewStep], actor: Actor) -> None:
    """The steps anew: what is new stands before what was goes, since a policy is never bare."""
    before = said(current)
    old = list(current.steps.order_by("position"))
    kept = _write(current, steps, old)
    StepTarget.objects.filter(step__in=[one.pk for one in old]).exclude(pk__in=kept).delete()
    EscalationStep.objects.filter(pk__in=[one.pk for one in old[len(steps) :]]).delete()
    after = said(current)
    if before != after:
        current.version += 1
        EscalationPolicy.objects.filter(pk=current.pk).update(version=current.version)
        lifecycle.announce(current, "steps_edited", actor=actor, changes={"steps": [before, after]})


def _write(policy: EscalationPolicy, steps: Sequence[NewStep], old: Sequence[EscalationStep] = ()) -> list[int]:
    """Store steps over those that stand. The ids of the targets that were made."""
    made = []
    for position, step in enumerate(steps, 1):
        row = old[position - 1] if position <= len(old) else EscalationStep(policy=policy, position=position)
        row.wait_s, row.between_from, row.between_to = step.wait, step.begin, step.end
        row.save()
        made += StepTarget.objects.bulk_create(_row(row, one) for one in step.targets)
    return [one.pk for one in made]


def _row(step: EscalationStep, target: Target) -> StepTarget:
    named: dict[str, Any] = {"step": step, "kind_of": target.kind}
    match target.kind:
        case TargetKind.SCHEDULE:
            named |= {"schedule": target.schedule, "which": target.which}
        case TargetKind.PERSON:
            named["person"] = target.person
        case TargetKind.TEAM:
            named["team"] = target.team
        case TargetKind.WEBHOOK:
            named["endpoint"] = target.endpoint
    return StepTarget(**named)


def go_live(policy: EscalationPolicy, *, actor: Actor, at: datetime, version: int | None = None) -> EscalationPolicy:
    """From now on it pages. Raises NotPermitted, WrongState (it is live, or retired), StaleVersion."""
    _require_keeper(actor, policy)
    with lifecycle.edit(policy, actor=actor, version=version, version_required=False, event="went_live") as current:
        _require_standing(current)
        if current.live_at is not None:
            raise WrongState(_("It is live already."), state="live")
        current.live_at = at
    return current


def retire(policy: EscalationPolicy, *, actor: Actor, at: datetime, version: int | None) -> EscalationPolicy:
    """It pages nobody any more; what it did stays. Raises NotPermitted, Conflict (something needs it), WrongState,
    StaleVersion, VersionRequired.
    """
    _require_keeper(actor, policy)
    with lifecycle.edit(policy, actor=actor, version=version, event="retired") as current:
        _require_standing(current)
        _require_not_needed(current)
        current.retired_at = at
    return current


def _require_not_needed(policy: EscalationPolicy) -> None:
    needed = [one for users in _used_by for one in users(policy)]
    if policy.is_last_resort and EscalationPolicy.objects.standing().exclude(pk=policy.pk).exists():
        needed.append(_("every other policy, as the last resort"))
    if Escalation.objects.still_open().filter(policy=policy).exists():
        needed.append(_("escalations that are under way"))
    if needed:
        raise Conflict(_("It is needed by %(what)s.") % {"what": "; ".join(needed)})


def said(policy: EscalationPolicy) -> list[dict[str, Any]]:
    """Its steps as history keeps them."""
    return [
        {
            "wait": step.wait_s,
            "between": [one and one.isoformat() for one in (step.between_from, step.between_to)],
            "targets": [
                {name: value for name, value in target_as_said(one).items() if value is not None}
                for one in step.targets.order_by("pk")
            ],
        }
        for step in policy.steps.order_by("position")
    ]  # fmt: skip


def _require_keeper(actor: Actor, policy: EscalationPolicy) -> None:
    if not rights_in_queues(actor).sees(policy.team_id):
        raise NotFound(_("There is no such team."))
    if not permissions.keepers(actor, policy):
        raise NotPermitted(
            _("The last resort is kept by administrators.")
            if policy.is_last_resort
            else _("A policy is kept by the owners, managers and engineers of its team, and by administrators.")
        )


def _require_standing(policy: EscalationPolicy) -> None:
    if policy.retired_at is not None:
        raise WrongState(_("It is retired."), state="retired")


def _check(policy: EscalationPolicy, steps: Sequence[NewStep] | None, actor: Actor) -> None:
    if policy.zone not in available_timezones():
        raise InvalidInput.about("zone", _("There is no time zone of this name, such as Europe/Berlin."))
    ZoneInfo(policy.zone)
    if not 0 <= policy.repeats <= rules.MOST_REPEATS:
        raise InvalidInput.about("repeats", _("From 0 to %(most)d times.") % {"most": rules.MOST_REPEATS})
    if not policy.name:
        raise InvalidInput.about("name", _("Give it a name."))
    if steps is None:
        return
    if not 1 <= len(steps) <= MOST_STEPS:
        raise InvalidInput.about("steps", _("A policy has from 1 to %(most)d steps.") % {"most": MOST_STEPS})
    for number, step in enumerate(steps, 1):
        if wrong := _problem(step, actor):
            raise InvalidInput.about("steps", _("Step %(number)d: %(wrong)s") % {"number": number, "wrong": wrong})
    people = {one.person.pk for step in steps for one in step.targets if one.person is not None}
    if policy.is_last_resort and len(people & meeting.wakeable(people)) < 2:
        raise InvalidInput.about(
            "steps",
            _("The last resort names at least two people who proved a way that wakes them: a phone, or a device."),
        )


def _problem(step: NewStep, actor: Actor) -> str:
    """What is wrong with a step; "" where nothing is."""
    least, most = int(rules.LEAST_WAIT.total_seconds()), int(rules.MOST_WAIT.total_seconds())
    if not least <= step.wait <= most:
        return _("the next one follows after a minute to a day.")
    if (step.begin is None) != (step.end is None):
        return _("it has both times, or none.")
    if not 1 <= len(step.targets) <= MOST_TARGETS:
        return _("it pages from 1 to %(most)d.") % {"most": MOST_TARGETS}
    if all(one.kind == TargetKind.WEBHOOK for one in step.targets):
        return _("a webhook wakes nobody: name somebody beside it.")
    for target in step.targets:
        if wrong := _target_problem(target, actor):
            return wrong
    return ""


def _target_problem(target: Target, actor: Actor) -> str:
    match target.kind:
        case TargetKind.PERSON:
            if target.person is None:
                return _("name the person.")
            require_active(target.person)
        case TargetKind.TEAM:
            if target.team is None or not rights_in_queues(actor).sees(target.team.pk):
                return _("name the team.")
            require_standing(target.team)
        case TargetKind.SCHEDULE:
            if target.schedule is None or not rights_in_queues(actor).sees(target.schedule.team_id):
                return _("name the schedule.")
        case TargetKind.WEBHOOK:
            if target.endpoint is None:
                return _("name the webhook.")
    return ""


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Policies of a team that is merged are of the other one. How many. Raises nothing."""
    moved = list(EscalationPolicy.objects.filter(team=old))
    for one in moved:
        with lifecycle.edit(one, actor=actor, version=None, version_required=False) as current:
            current.team = new
    return len(moved)


def follow_targets(old: Team, new: Team, actor: Actor) -> int:
    """Steps that page a team that is merged page the other one. How many. Raises nothing."""
    return StepTarget.objects.filter(team=old).update(team=new)


def follow_running(old: Team, new: Team, actor: Actor) -> int:
    """Open escalations lie with the other team. How many. Raises nothing."""
    return Escalation.objects.still_open().filter(team=old).update(team=new)


def stays(old: Team, new: Team, actor: Actor) -> int:
    """Pages are told of the queue in which people were called. Raises nothing."""
    return 0


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Who leaves is paged no more: their successor is. Without one their place goes, unless a policy would page nobody.

    Raises Conflict naming the policies that would be bare.
    """
    theirs = StepTarget.objects.filter(person=person).select_related("step__policy")
    if successor is not None:
        theirs.update(person=successor)
        return
    bare = [one.step.policy.name for one in theirs if _would_be_bare(one)]
    if bare:
        raise Conflict(
            _("Nobody would be left to page by: %(policies)s. Name a successor, or page others there first.")
            % {"policies": ", ".join(dict.fromkeys(bare))}
        )
    for one in theirs:
        _take_out(one)


def _would_be_bare(target: StepTarget) -> bool:
    policy = target.step.policy
    if policy.retired_at is not None:
        return False
    others = StepTarget.objects.filter(step__policy=policy).exclude(person=target.person_id)
    needed = 2 if policy.is_last_resort else 1
    found = others.filter(person__isnull=False) if policy.is_last_resort else others.exclude(kind_of="webhook")
    return found.values("person").distinct().count() < needed if policy.is_last_resort else not found.exists()


def _take_out(target: StepTarget) -> None:
    """The place goes; a step that pages nobody else goes with it."""
    step = target.step
    if step.policy.retired_at is None and not step.targets.exclude(pk=target.pk).exists():
        others = step.policy.steps.exclude(pk=step.pk)
        if not others.exists():
            return
        target.delete()
        step.delete()
        for position, one in enumerate(others.order_by("position"), 1):
            if one.position != position:
                EscalationStep.objects.filter(pk=one.pk).update(position=position)
        return
    target.delete()


def as_new(said_steps: Sequence[Mapping[str, Any]]) -> list[NewStep]:
    """Steps of a validated body."""
    return [
        NewStep(one["wait"], [Target(**target) for target in one["targets"]], one.get("begin"), one.get("end"))
        for one in said_steps
    ]
