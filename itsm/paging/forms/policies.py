"""A policy as people type it: its terms, and its steps as lines of boxes that need no script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import Team, User
from itsm.accounts.permissions import administrators
from itsm.accounts.queues import rights_in_queues
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.oncall.queries import visible_schedules
from itsm.paging.models import EscalationPolicy, StepTarget
from itsm.paging.operations.policies import MOST_STEPS, NewStep, Target
from itsm.paging.rules import MOST_REPEATS
from itsm.paging.vocabulary import TargetKind, Which
from itsm.webhooks.models import WebhookEndpoint

BOXES = 3  # for targets of a step, at least
_PEOPLE = 500


def teams(actor: Actor) -> Any:
    """Teams that the actor may see, whether or not they take work."""
    return Team.objects.visible_to(actor).filter(retired_at=None).order_by("name")


def kept_teams(actor: Actor) -> Any:
    """Those of them whose policies the actor may keep: no other is offered, only to be refused."""
    seen = teams(actor)
    if administrators(actor):
        return seen
    rights = rights_in_queues(actor)
    return seen.filter(pk__in=[one.pk for one in seen if rights.may_change(one.pk)])


class PolicyForm(Form):
    name = forms.CharField(label=lazy("Name"), max_length=100)
    team: Any = forms.ModelChoiceField(
        label=lazy("Team"), queryset=None, to_field_name="slug", help_text=lazy("Whose policy it is: they keep it.")
    )
    zone = forms.CharField(
        label=lazy("Time zone"), max_length=64, initial=timezone.get_current_timezone_name,
        help_text=lazy("Hours of its steps are read on these clocks."),
    )  # fmt: skip
    repeats = forms.IntegerField(
        label=lazy("Repeats"), min_value=0, max_value=MOST_REPEATS, initial=2,
        help_text=lazy("All steps again so often; then the last resort, every 15 minutes until somebody answers."),
    )  # fmt: skip
    is_last_resort = forms.BooleanField(
        label=lazy("This is the last resort"), required=False,
        help_text=lazy("One policy is: it names two people or more who can be woken. Administrators keep it."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, actor: Actor, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = kept_teams(actor)  # type: ignore[attr-defined]
        if not (is_new and administrators(actor)):
            del self.fields["is_last_resort"]

    def terms(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


@dataclass(frozen=True, slots=True)
class StepTyped:
    """A step as its boxes hold it."""

    wait: str = "5"
    begin: str = ""
    end: str = ""
    targets: list[str] = field(default_factory=list)

    @property
    def boxes(self) -> list[str]:
        """What each box for a target holds; one more than there are."""
        return [*self.targets, *[""] * max(1, BOXES - len(self.targets))]


def choices_for(actor: Actor) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(group, kind, [(value, label)]) of everything that a step may page."""
    schedules = [
        (f"schedule:{one.slug}:{which.value}", f"{one.name}: {which.label}")
        for one in visible_schedules(actor).order_by("name")
        for which in Which
    ]
    people = User.objects.active_people().order_by("username")
    return [
        (_("Schedules"), "schedule", schedules),
        (_("People"), "person", [(f"person:{one.username}", str(one)) for one in people[:_PEOPLE]]),
        (_("Teams"), "team", [(f"team:{one.slug}", one.name) for one in teams(actor)]),
        (_("Others"), "other", [("owner", str(TargetKind.OWNER.label))]),
        (
            _("Webhooks and chats"), "webhook",
            [(f"webhook:{one.pk}", one.name) for one in WebhookEndpoint.objects.on().order_by("name")],
        ),
    ]  # fmt: skip


def value_of(target: StepTarget) -> str:
    """A target as a box holds it."""
    match target.kind_of:
        case TargetKind.SCHEDULE:
            return f"schedule:{target.schedule.slug if target.schedule else ''}:{target.which}"
        case TargetKind.PERSON:
            return f"person:{target.person.username if target.person else ''}"
        case TargetKind.TEAM:
            return f"team:{target.team.slug if target.team else ''}"
        case TargetKind.WEBHOOK:
            return f"webhook:{target.endpoint_id}"
    return "owner"


def typed_of(policy: EscalationPolicy | None) -> list[StepTyped]:
    """The steps of a policy; of none, an empty first one."""
    if policy is None:
        return [StepTyped()]
    return [
        StepTyped(
            f"{step.wait_s / 60:g}", f"{step.between_from:%H:%M}" if step.between_from else "",
            f"{step.between_to:%H:%M}" if step.between_to else "", [value_of(one) for one in step.targets.all()],
        )
        for step in policy.steps.all()
    ]  # fmt: skip


def sent(posted: QueryDict) -> list[StepTyped]:
    """What the boxes held, also where it is wrong."""
    waits = posted.getlist("wait")
    count = min(len(waits), MOST_STEPS + 1)
    begins, ends = posted.getlist("begin"), posted.getlist("end")
    return [
        StepTyped(
            waits[n][:8], begins[n][:8] if n < len(begins) else "", ends[n][:8] if n < len(ends) else "",
            [one[:200] for one in posted.getlist(f"target-{n}") if one][:20],
        )
        for n in range(count)
    ]  # fmt: skip


def steps_sent(typed: Sequence[StepTyped], actor: Actor) -> list[NewStep]:
    """What is meant by it; a last step in which nothing is chosen is none. Raises InvalidInput."""
    if len(typed) > 1 and not typed[-1].targets:
        typed = typed[:-1]
    return [_step(number, one, actor) for number, one in enumerate(typed, 1)]


def _step(number: int, one: StepTyped, actor: Actor) -> NewStep:
    try:
        minutes = float(one.wait)
        if not 1 <= minutes <= 1440:
            raise ValueError
        begin = time.fromisoformat(one.begin) if one.begin else None
        end = time.fromisoformat(one.end) if one.end else None
    except ValueError:
        told = _("Step %(number)d: minutes from 1 to 1440, and times such as 22:00.") % {"number": number}
        raise InvalidInput.about("steps", told) from None
    return NewStep(int(minutes * 60), [_target(number, value, actor) for value in one.targets], begin, end)


def _target(number: int, value: str, actor: Actor) -> Target:
    kind, _colon, rest = value.replace("\0", "").partition(":")
    found: Target | None = None
    match kind:
        case TargetKind.OWNER:
            found = Target(kind)
        case TargetKind.PERSON:
            person = User.objects.filter(username=rest).first()
            found = Target(kind, person=person) if person else None
        case TargetKind.TEAM:
            team = teams(actor).filter(slug=rest).first()
            found = Target(kind, team=team) if team else None
        case TargetKind.SCHEDULE:
            slug, _colon, which = rest.partition(":")
            schedule = visible_schedules(actor).filter(slug=slug).first()
            found = Target(kind, schedule=schedule, which=which) if schedule and which in Which.values else None
        case TargetKind.WEBHOOK:
            number = int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 18 else 0
            endpoint = WebhookEndpoint.objects.on().filter(pk=number).first()
            found = Target(kind, endpoint=endpoint) if endpoint else None
    if found is None:
        told = _("Step %(number)d: what it pages is not there any more.") % {"number": number}
        raise InvalidInput.about("steps", told)
    return found


def initial_of(policy: EscalationPolicy) -> dict[str, Any]:
    named = {name: getattr(policy, name) for name in ("name", "zone", "repeats", "version")}
    return named | {"team": policy.team.slug}


def known_values(groups: Iterable[tuple[str, str, list[tuple[str, str]]]]) -> set[str]:
    """Every value that a box may hold."""
    return {value for _group, _kind, choices in groups for value, _label in choices}
