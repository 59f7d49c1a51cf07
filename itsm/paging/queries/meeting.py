"""Whom a step pages now, and how it is reached."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from itsm.accounts.models import Role, User
from itsm.accounts.queues import members_of, who_lead, who_work_in
from itsm.oncall.models import Schedule
from itsm.oncall.queries import Place, on_duty
from itsm.paging.models import ContactPoint, EscalationPolicy, PagingProvider, PersonalRule, StepTarget
from itsm.paging.rules import as_time, is_between
from itsm.paging.vocabulary import Channel, TargetKind, Urgency

PHONE_AFTER = 120  # seconds, where somebody has no rules of their own


def on_schedule(schedule_id: int, at: datetime, which: str) -> Sequence[int]:
    """Whose turn it is; nobody's where the schedule is not live, and is compared with another still."""
    is_live = Schedule.objects.filter(pk=schedule_id, live_at__lte=at).exists()
    return on_duty(schedule_id, at, cast("Place", which)).people if is_live else ()


@dataclass(frozen=True, slots=True)
class Met:
    """Whom a step meets: people, and endpoints of webhooks. `skipped`: why it meets nobody; "" where it does."""

    people: tuple[int, ...] = ()
    endpoints: tuple[int, ...] = ()
    skipped: str = ""


def met(step: Mapping[str, Any], *, zone: str, team_id: int, at: datetime) -> Met:
    """Of a step of a snapshot. One outside its hours, and one that meets nobody, says so."""
    if not is_between(at, as_time(step["from"]), as_time(step["to"]), ZoneInfo(zone)):
        return Met(skipped="outside its hours")
    named = [person for target in step["targets"] for person in people_of(target, team_id=team_id, at=at)]
    people = tuple(active(named))
    endpoints = tuple(one["endpoint"] for one in step["targets"] if one["kind"] == TargetKind.WEBHOOK)
    # A message in a chat wakes nobody: a step of webhooks alone is no step at which to wait.
    return Met(people, endpoints, "" if people else "only a webhook" if endpoints else "nobody there")


def people_of(target: Mapping[str, Any], *, team_id: int, at: datetime) -> Iterable[int]:
    """The ids of whom a target names now."""
    match target["kind"]:
        case TargetKind.SCHEDULE:
            return on_schedule(target["schedule"], at, target["which"])
        case TargetKind.PERSON:
            return [target["person"]]
        case TargetKind.TEAM:
            return sorted(members_of(target["team"]).values_list("pk", flat=True))
        case TargetKind.OWNER:
            return sorted(who_lead(team_id) or who_work_in(team_id))
    return ()


def active(people: Iterable[int]) -> list[int]:
    """Those of them who are people and still here, each once, in their order."""
    named = list(dict.fromkeys(people))
    here = set(User.objects.active_people().filter(pk__in=named).values_list("pk", flat=True))
    return [one for one in named if one in here]


def snapshot_of(policy: EscalationPolicy) -> dict[str, Any]:
    """The policy as an escalation keeps it; without steps where it is not live."""
    steps = policy.steps.prefetch_related("targets").order_by("position") if policy.live_at else ()
    return {
        "name": policy.name,
        "zone": policy.zone,
        "repeats": policy.repeats,
        "steps": [
            {
                "wait": step.wait_s,
                "from": step.between_from and step.between_from.isoformat(),
                "to": step.between_to and step.between_to.isoformat(),
                "targets": [target_as_said(target) for target in step.targets.all()],
            }
            for step in steps
        ],
    }


def target_as_said(target: StepTarget) -> dict[str, Any]:
    """A target as a snapshot has it."""
    return {
        "kind": target.kind_of, "schedule": target.schedule_id, "which": target.which, "person": target.person_id,
        "team": target.team_id, "endpoint": target.endpoint_id,
    }  # fmt: skip


def last_resort(team_id: int, at: datetime) -> list[int]:
    """Whom to call where everybody else was: the last resort's people; without such a policy, who leads the queue, all
    managers and administrators. Never nobody while anybody is here.
    """
    policy = EscalationPolicy.objects.standing().filter(is_last_resort=True).first()
    if policy is not None:
        targets = StepTarget.objects.filter(step__policy=policy).order_by("step__position", "id")
        named = [one for t in targets for one in people_of(target_as_said(t), team_id=team_id, at=at)]
        if found := active(named):
            return found
    answerable = User.objects.filter(roles__overlap=[Role.MANAGER.value, Role.ADMIN.value]).order_by("pk")
    return active([*sorted(who_lead(team_id)), *answerable.values_list("pk", flat=True)[:50]])


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach somebody: so many seconds after their page began."""

    channel: str
    contact_id: int | None
    after: int

    @property
    def label(self) -> str:
        """As people call it."""
        return str(Channel(self.channel).label)


def ways_of(person_id: int, urgency: str) -> list[Way]:
    """Their own rules of this urgency as far as they can work, else the default."""
    rules = PersonalRule.objects.filter(person=person_id, urgency=urgency).select_related("contact")
    own = [
        Way(rule.channel, rule.contact_id, rule.after_s)
        for rule in rules.order_by("position")
        if rule.contact is None or rule.contact.is_verified
    ]
    return own or default_ways(person_id, urgency)


def channels() -> list[str]:
    """By which ways people can be reached here: devices and mail, and phones where a provider is on."""
    able = PagingProvider.objects.filter(off_at=None).values_list("channel", flat=True)
    return [Channel.PUSH.value, Channel.MAIL.value, *sorted(set(able))]


def default_ways(person_id: int, urgency: str) -> list[Way]:
    """Mail and push, phones after two minutes where it is urgent."""
    phones = verified_phones(person_id) if urgency == Urgency.HIGH else ()
    return [
        Way(Channel.PUSH, None, 0),
        Way(Channel.MAIL, None, 0),
        *(Way(one.channel, one.pk, PHONE_AFTER) for one in phones),
    ]


def verified_phones(person_id: int) -> "QuerySet[ContactPoint]":
    """Text messages before calls."""
    return ContactPoint.objects.filter(person=person_id, verified_at__isnull=False).order_by("channel", "id")


def wakeable(people: Iterable[int]) -> set[int]:
    """Those who proved a way that can wake them: a phone by a code, or a device that has shown something."""
    people = list(people)
    phones = ContactPoint.objects.filter(person__in=people, verified_at__isnull=False).values_list("person", flat=True)
    devices = User.objects.filter(pk__in=people, push_devices__shown_at__isnull=False).values_list("pk", flat=True)
    return {*phones, *devices}
