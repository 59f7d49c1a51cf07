"""Reading policies, escalations, pages and providers as an actor may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from itsm.accounts.models import User
from itsm.accounts.queues import Asker, rights_in_queues
from itsm.audit.models import Entry
from itsm.audit.recording import timeline
from itsm.composed import Composed, composed
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.paging.models import (
    Escalation,
    EscalationPolicy,
    EscalationStep,
    Page,
    PageAttempt,
    PagingProvider,
    StepTarget,
)
from itsm.paging.queries import meeting
from itsm.paging.vocabulary import PageStatus

_MOST_COUNTED = 100


def policies(actor: Actor) -> QuerySet[EscalationPolicy]:
    """Those that stand and that the actor may see, with steps and targets."""
    targets = StepTarget.objects.select_related("schedule", "person", "team", "endpoint").order_by("pk")
    steps = EscalationStep.objects.order_by("position").prefetch_related(Prefetch("targets", targets))
    found = EscalationPolicy.objects.visible_to(actor).standing().select_related("team")
    return found.prefetch_related(Prefetch("steps", steps))


def policy_called(actor: Actor, slug: str) -> EscalationPolicy:
    """Raises NotFound."""
    found = policies(actor).filter(slug=slug[:63].replace("\0", "")).first()
    if found is None:
        raise NotFound(_("There is no such escalation policy."))
    return found


def escalations(actor: Actor) -> QuerySet[Escalation]:
    """Those that the actor may see, with policy, queue and holder."""
    return Escalation.objects.visible_to(actor).select_related("policy", "team", "held_by")


def escalation_called(actor: Actor, reference: str) -> Escalation:
    """By its reference, ESC-00012. Raises NotFound."""
    found = escalations(actor).filter(pk=number_in(reference, "ESC") or 0).first()
    if found is None:
        raise NotFound(_("There is no such escalation."))
    return found


def history_of(escalation: Escalation) -> list[Entry]:
    """What happened to it, the newest first."""
    return timeline(escalation)


def pages(actor: Actor) -> QuerySet[Page]:
    """Those that the actor may see, with how each try went."""
    tries = PageAttempt.objects.select_related("provider", "outcome").prefetch_related("reports").order_by("pk")
    found = Page.objects.visible_to(actor).select_related("person", "escalation", "escalation__held_by", "team")
    return found.prefetch_related(Prefetch("attempts", tries))


def page_numbered(actor: Actor, number: int) -> Page:
    """Raises NotFound."""
    found = pages(actor).filter(pk=number).first()
    if found is None:
        raise NotFound(_("There is no such page."))
    return found


def hidden_from(actor: Actor) -> frozenset[int]:
    """The queues of which somebody who was paged reads a reference, and no title: they are hidden from them."""
    return frozenset() if actor.is_system else rights_in_queues(actor).hidden


def own_pages(actor: Actor) -> QuerySet[Page]:
    """One's own, what waits for an answer first."""
    return pages(actor).filter(person=actor.whose_work or 0)


def waiting_for(actor: Actor) -> Composed[Any]:
    """Pages that wait for this person's answer, no more than a hundred, for the navigation; to who looks with the
    rights of others those of that person that they are shown."""
    return _waiting_and_shown(Asker.of(actor)) if actor.looks_only else _waiting_for(actor.whose_work or 0)


@composed
def _waiting_for(person: int) -> QuerySet[Any, Any]:
    return Page.objects.filter(person=person, state=PageStatus.OPEN).order_by().values("pk")[:_MOST_COUNTED]


@composed
def _waiting_and_shown(asker: Asker) -> QuerySet[Any, Any]:
    rows = Page.objects.visible_to(asker.actor).filter(person=asker.who.whose_work or 0, state=PageStatus.OPEN)
    return rows.order_by().values("pk")[:_MOST_COUNTED]


def providers() -> QuerySet[PagingProvider]:
    """For administrators alone: the caller judged that."""
    return PagingProvider.objects.order_by("channel", "position", "pk")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one step would do now: `after` it began. `people` with the ways that reach them; `problems` in words."""

    position: int
    after: timedelta
    people: tuple[tuple[User, tuple[meeting.Way, ...]], ...]
    problems: tuple[str, ...]
    step: EscalationStep

    @property
    def minutes(self) -> int:
        """After so many whole minutes."""
        return int(self.after.total_seconds()) // 60


def rehearsed(policy: EscalationPolicy, urgency: str, at: datetime) -> list[Rehearsed]:
    """Whom each step of the first round would page if it began at `at`, and what is wrong with that."""
    found, after = [], timedelta()
    able = meeting.channels()
    for step in policy.steps.all():
        said = _as_said(step)
        met = meeting.met(said, zone=policy.zone, team_id=policy.team_id, at=at + after)
        people = _people(met.people)
        problems = [*_step_problems(step, met, people)]
        every = [(one, meeting.ways_of(one.pk, urgency)) for one in people]
        ways = tuple((one, tuple(way for way in theirs if way.channel in able)) for one, theirs in every)
        problems += _slow(step, ways)
        found.append(Rehearsed(step.position, after, ways, tuple(problems), step))
        if not met.skipped:
            after += timedelta(seconds=step.wait_s)
    return found


def _as_said(step: EscalationStep) -> dict[str, Any]:
    return {
        "wait": step.wait_s,
        "from": step.between_from and step.between_from.isoformat(),
        "to": step.between_to and step.between_to.isoformat(),
        "targets": [meeting.target_as_said(one) for one in step.targets.all()],
    }


def _people(ids: Iterable[int]) -> list[User]:
    known = User.objects.in_bulk(list(ids))
    return [known[one] for one in ids if one in known]


def _step_problems(step: EscalationStep, met: meeting.Met, people: list[User]) -> Iterable[str]:
    if met.skipped == "outside its hours":
        yield _("Outside its hours now: the next step comes at once.")
    elif met.skipped:
        yield _("Nobody is there now: the next step comes at once.")
    asleep = [one for one in people if one.pk not in meeting.wakeable([one.pk for one in people])]
    for person in asleep:
        yield _("%(person)s has proved no way that wakes them: no phone, no device.") % {"person": person}


def _slow(step: EscalationStep, ways: Iterable[tuple[User, tuple[meeting.Way, ...]]]) -> list[str]:
    return [
        _("%(person)s: a rule begins %(minutes)d min after the page, when the next step is there already.")
        % {"person": person, "minutes": max(way.after for way in theirs) // 60}
        for person, theirs in ways
        if theirs and max(way.after for way in theirs) > step.wait_s
    ]


def has_last_resort() -> bool:
    """Whether a last resort is named; without one managers and administrators are it."""
    return EscalationPolicy.objects.standing().filter(is_last_resort=True).exists()
