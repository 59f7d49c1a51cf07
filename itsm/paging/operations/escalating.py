"""Escalations: they begin, take their steps, are held, lapse, are handed over and stop.

A subject is locked before an escalation of it, an escalation before its pages: whoever resolves an incident and whoever
acknowledges its page wait for each other, and never both.
"""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound, NotPermitted, WrongState
from itsm.paging import permissions, rules
from itsm.paging.models import Escalation, EscalationPolicy, EscalationTaken, Page
from itsm.paging.operations import calling, webhooks
from itsm.paging.queries import meeting
from itsm.paging.queries.subjects import subject_of
from itsm.paging.rules import Place
from itsm.paging.vocabulary import Cause, How, PageStatus
from itsm.paging.workflow import CALLING, OPEN, WORKFLOW, Status

logger = logging.getLogger(__name__)

STEP, LAPSE, EXHAUSTED = "escalation_step", "escalation_lapse", "escalation_exhausted"
_LATE = timedelta(seconds=60)  # a step so late is not made up for: people get the whole of the wait
_SYSTEM = Actor.system("paging")


def begin(
    subject_kind: str,
    subject_id: int,
    *,
    policy: EscalationPolicy,
    urgency: str,
    title: str,
    path: str,
    team_id: int,
    at: datetime,
    actor: Actor,
) -> Escalation:
    """Page by this policy from `at` on, until somebody acknowledges. In the caller's transaction; nothing is sent yet.

    While one of this subject by this policy is open, that one is returned as it stands. `path`: our own page of the
    subject; `team_id`: the queue it lies in. A policy that is not live pages the last resort at once. Raises nothing of
    its own.
    """
    open_ones = Escalation.objects.still_open().filter(subject_kind=subject_kind, subject_id=subject_id, policy=policy)
    if (found := open_ones.first()) is not None:
        return found
    made = Escalation(
        subject_kind=subject_kind, subject_id=subject_id, title=title[:200], path=path[:200], policy=policy,
        snapshot=meeting.snapshot_of(policy), urgency=urgency, team_id=team_id, round=1, step=0, run_from=1,
        next_cause=Cause.MANUAL if actor.is_human else Cause.BEGUN, next_at=at, begun_at=at,
        begun_by_id=actor.id if actor.is_human else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # somebody else began it at this very moment
        if (found := open_ones.first()) is not None:
            return found
        raise
    lifecycle.created(made, actor=actor, at=at)
    due.schedule(STEP, made.kind, made.pk, at)
    return made


def step_when_due(escalation_id: int, at: datetime) -> None:
    """Take the step that is due, and those that follow at once because one meets nobody. Nothing where another did.

    Raises nothing of its own.
    """
    with transaction.atomic():
        current = _locked(escalation_id)
        if current is None or current.status not in CALLING or current.next_at is None:
            return
        if current.next_at > at:
            due.schedule(STEP, current.kind, current.pk, current.next_at)
        elif subject_of(current.subject_kind).is_over(current.subject_id):
            _stop(current, _("What it is about is over."), at)
        elif current.status == Status.EXHAUSTED:
            _call_last_resort(current, at)
        else:
            _advance(current, at)


def _locked(escalation_id: int) -> Escalation | None:
    return Escalation.objects.select_for_update(of=("self",), no_key=True).filter(pk=escalation_id).first()


def _advance(current: Escalation, at: datetime) -> None:
    steps = current.steps
    while True:
        place = rules.after(
            Place(current.round, current.step), steps=len(steps), repeats=current.snapshot["repeats"],
            run_from=current.run_from,
        )  # fmt: skip
        if place is None:
            _exhaust(current, at)
            return
        current.round, current.step = place.round, place.step
        step = steps[place.step - 1]
        met = meeting.met(step, zone=current.snapshot["zone"], team_id=current.team_id, at=at)
        _take(current, met.people, met.skipped, at)
        webhooks.tell(current, met.endpoints, at)
        if not met.skipped:
            calling.page_by(current, met.people, at)
            _wait(current, timedelta(seconds=step["wait"]), Cause.TIME_OUT, at)
            return


def _take(current: Escalation, people: tuple[int, ...], skipped: str, at: datetime) -> None:
    """Note the step; the database refuses a second one at this place."""
    EscalationTaken.objects.create(
        escalation=current, round=current.round, step=current.step, cause=current.next_cause, at=at,
        due_at=current.next_at or at, people=[*people], skipped=skipped,
    )  # fmt: skip


def _wait(current: Escalation, wait: timedelta, cause: Cause, at: datetime) -> None:
    """The next step comes so long after this one was due, where it was not too late."""
    was_due = current.next_at or at
    current.next_at = (was_due if at - was_due < _LATE else at) + wait
    current.next_cause = cause
    current.save(update_fields=["round", "step", "next_at", "next_cause"])
    due.schedule(STEP, current.kind, current.pk, current.next_at)


def _exhaust(current: Escalation, at: datetime) -> None:
    """Everybody was called, or nobody could be: the last resort is called now, and whoever keeps the subject told."""
    current.save(update_fields=["round", "step"])
    with lifecycle.step(current, "exhaust", actor=_SYSTEM, locked_by_caller=True):
        current.next_cause = Cause.HIERARCHICAL
    due.schedule(EXHAUSTED, current.kind, current.pk, at)
    _call_last_resort(current, at)


def _call_last_resort(current: Escalation, at: datetime) -> None:
    people = tuple(meeting.last_resort(current.team_id, at))
    current.round, current.step = current.round + 1, rules.LAST_RESORT
    _take(current, people, "" if people else "nobody there", at)
    calling.page_by(current, people, at)
    _wait(current, rules.LAST_RESORT_EVERY, Cause.HIERARCHICAL, at)


def exhausted_when_due(escalation_id: int, at: datetime) -> None:
    """Tell whoever keeps the subject that nobody answered. Raises what they raise: it is told again."""
    found = Escalation.objects.filter(pk=escalation_id, status=Status.EXHAUSTED).first()
    if found is not None:
        subject_of(found.subject_kind).on_exhausted(found.subject_id, at)


@WORKFLOW.takes("acknowledge")
def acknowledge(escalation: Escalation, *, actor: Actor, at: datetime, how: str = How.PAGE) -> Escalation:
    """Somebody holds it: no attempt begins any more, nobody else is paged, and its subject is told.

    Raises NotPermitted (neither paged nor a responder of its queue) and WrongState (held or stopped already).
    """
    subject = subject_of(escalation.subject_kind)
    with transaction.atomic():
        subject.lock(escalation.subject_id)
        with lifecycle.step(escalation, "acknowledge", actor=actor) as current:
            current.held_at, current.held_how = at, how
            current.held_by_id = actor.id if actor.is_human else None
            current.next_at = at + rules.LAPSES_AFTER[current.urgency]
            due.cancel(current.kind, current.pk, STEP)
            due.schedule(LAPSE, current.kind, current.pk, current.next_at)
            calling.end_pages(current, at, answered_by=actor.id, how=how)
        subject.on_acknowledged(current.subject_id, actor, at)
    return current


def acknowledge_page(page: Page, *, actor: Actor, at: datetime, how: str = How.PAGE) -> Page:
    """Answer a page: its escalation is held by whoever answers. A page by itself is only answered.

    Raises NotPermitted (not one's own, and no responder of its queue), WrongState (somebody answered, or it is over).
    """
    if not permissions.page_answerers(actor, page):
        raise NotPermitted(_("This page is somebody else's."))
    with transaction.atomic():
        if page.escalation is not None and page.is_open:
            acknowledge(page.escalation, actor=actor, at=at, how=how)
        else:
            subject_of(page.subject_kind).lock(page.subject_id)
            still = Page.objects.filter(pk=page.pk, state=PageStatus.OPEN)
            if not still.update(state=PageStatus.ACKNOWLEDGED, ended_at=at, how=how):
                raise WrongState(_("It is over already: nobody waits for an answer to it."), state=page.state)
            subject_of(page.subject_kind).on_acknowledged(page.subject_id, actor, at)
        page.refresh_from_db()
        return page


def held_by_subject(subject_kind: str, subject_id: int, *, actor: Actor, at: datetime) -> int:
    """Somebody began to work on the subject itself: its escalations are theirs. The subject is locked. How many.

    Raises nothing of its own.
    """
    calling_ones = Escalation.objects.filter(subject_kind=subject_kind, subject_id=subject_id, status__in=CALLING)
    found = list(calling_ones.order_by("pk"))
    for one in found:
        may = permissions.answerers(actor, one)
        held = acknowledge(one, actor=actor if may else _SYSTEM, at=at, how=How.SUBJECT)
        if not may and actor.is_human:
            Escalation.objects.filter(pk=held.pk).update(held_by=actor.id)
    _answer_alone(subject_kind, subject_id, actor, at)
    return len(found)


def _answer_alone(subject_kind: str, subject_id: int, actor: Actor, at: datetime) -> None:
    """Whoever works on it has answered a page that called them alone."""
    Page.objects.filter(
        subject_kind=subject_kind, subject_id=subject_id, escalation=None, person=actor.id or 0,
        state=PageStatus.OPEN,
    ).update(state=PageStatus.ACKNOWLEDGED, ended_at=at, how=How.SUBJECT)  # fmt: skip


def lapse_when_due(escalation_id: int, at: datetime) -> None:
    """Page again, where nothing has happened since it was acknowledged; else look again later. Raises nothing."""
    with transaction.atomic():
        current = _locked(escalation_id)
        if current is None or current.status != Status.HELD or current.held_at is None:
            return
        subject = subject_of(current.subject_kind)
        if subject.is_over(current.subject_id):
            _stop(current, _("What it is about is over."), at)
            return
        progressed = max(filter(None, (current.held_at, subject.progressed_at(current.subject_id))))
        lapses_at = progressed + rules.LAPSES_AFTER[current.urgency]
        if lapses_at > at:
            Escalation.objects.filter(pk=current.pk).update(next_at=lapses_at)
            due.schedule(LAPSE, current.kind, current.pk, lapses_at)
            return
        with lifecycle.step(current, "lapse", actor=_SYSTEM, locked_by_caller=True):
            _anew(current, Cause.LAPSED, at)


def page_again(subject_kind: str, subject_id: int, at: datetime) -> int:
    """Whoever holds it cannot be called, though it has become more: what is held pages from its first step. In the
    caller's transaction, which has the subject locked. How many. Raises nothing."""
    rows = Escalation.objects.select_for_update(of=("self",), no_key=True).filter(
        subject_kind=subject_kind, subject_id=subject_id, status=Status.HELD
    )
    held = list(rows.order_by("pk"))
    for one in held:
        with lifecycle.step(one, "lapse", actor=_SYSTEM, locked_by_caller=True) as current:
            _anew(current, Cause.LAPSED, at)
    return len(held)


def _anew(current: Escalation, cause: Cause, at: datetime) -> None:
    """Another run: it begins with the first step of a round of its own."""
    current.run_from, current.round, current.step = current.round + 1, current.round + 1, 0
    current.next_at, current.next_cause = at, cause
    current.held_at = current.held_by_id = None
    current.held_how = ""
    due.cancel(current.kind, current.pk, LAPSE)
    due.schedule(STEP, current.kind, current.pk, at)


@WORKFLOW.takes("hand_over")
def hand_over(
    escalation: Escalation, *, actor: Actor, reason: str, at: datetime, policy: str | EscalationPolicy | None = None
) -> Escalation:
    """Others are paged from now on: by another policy (or its slug), or by the same from its first step.

    Raises NotPermitted, WrongState, MissingInformation (no reason), NotFound (no such policy that the actor sees).
    """
    other = _policy_named(policy, actor) if isinstance(policy, str) else policy
    with lifecycle.step(escalation, "hand_over", actor=actor, remark=reason) as current:
        current.reason = reason
        if other is not None and other.pk != current.policy_id:
            _require_free(current, other)
            current.policy, current.snapshot = other, meeting.snapshot_of(other)
        calling.end_pages(current, at)
        _anew(current, Cause.FUNCTIONAL, at)
    return current


def _policy_named(slug: str, actor: Actor) -> EscalationPolicy | None:
    if not slug.strip():
        return None
    found = EscalationPolicy.objects.visible_to(actor).standing().filter(slug=slug.strip()).first()
    if found is None:
        raise NotFound(_("There is no escalation policy called “%(slug)s”.") % {"slug": slug.strip()[:60]})
    return found


def _require_free(current: Escalation, other: EscalationPolicy) -> None:
    same = Escalation.objects.still_open().filter(
        subject_kind=current.subject_kind, subject_id=current.subject_id, policy=other
    )
    if same.exists():
        raise WrongState(_("That policy pages for it already."), state=current.status)


def stop(subject_kind: str, subject_id: int, reason: str, at: datetime) -> int:
    """The subject is over: its escalations stop, and so does every page about it. In the caller's transaction, which
    has the subject locked. How many escalations stopped."""
    open_ones = Escalation.objects.still_open().filter(subject_kind=subject_kind, subject_id=subject_id)
    found = list(open_ones.select_for_update(of=("self",), no_key=True).order_by("pk"))
    for one in found:
        _stop(one, reason, at)
    Page.objects.filter(subject_kind=subject_kind, subject_id=subject_id, state=PageStatus.OPEN).update(
        state=PageStatus.ENDED, ended_at=at
    )
    return len(found)


def _stop(current: Escalation, reason: str, at: datetime) -> None:
    with lifecycle.step(current, "stop", actor=_SYSTEM, locked_by_caller=True, remark=reason):
        current.reason, current.ended_at, current.next_at = reason[:500], at, None
        due.cancel(current.kind, current.pk, STEP, LAPSE)
        calling.end_pages(current, at)


def _late(before: datetime) -> QuerySet[Escalation]:
    """Whose step, or whose lapse, should have come before that instant."""
    return Escalation.objects.filter(status__in=OPEN, next_at__lt=before)


def count_late(before: datetime) -> int:
    """How many steps and lapses should have come before that instant, by the escalations themselves."""
    return _late(before).count()


def take_late(at: datetime) -> None:
    """Take them, whatever became of the promises to do so. One that fails keeps none of the others waiting."""
    for number, status in list(_late(at).order_by("next_at", "pk").values_list("pk", "status")[:500]):
        take = lapse_when_due if status == Status.HELD else step_when_due
        try:
            with transaction.atomic():
                take(number, at)
        except Exception:
            logger.exception("escalation %s is late", number)


def follow_queue(subject_kind: str, subject_id: int, team_id: int) -> None:
    """The subject lies in another queue: who reads and answers its escalations and pages are that queue's people.

    In the caller's transaction. Raises nothing.
    """
    for rows in (Escalation.objects, Page.objects):
        rows.filter(subject_kind=subject_kind, subject_id=subject_id).exclude(team=team_id).update(team=team_id)


def actor_of_person(person: User, door: Door = Door.WEB) -> Actor:
    """Who answers by a link or from a phone."""
    return actor_for(person, door)
