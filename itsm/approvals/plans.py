"""Plans of several asks: who is asked next follows from who has answered (`itsm.approvals.stepping`).

The caller holds the lock of the record, says what its answers are about (`content_hash`), and does what follows from
the outcome in the same transaction. Silence approves nothing; a plan ends by its last step, a decline or a withdrawal.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.approvals import operations
from itsm.approvals.eligibility import Standing, refuse_unless_asked, standing_of
from itsm.approvals.hearing import tell_keepers, who_hear
from itsm.approvals.models import ApprovalDecision, ApprovalPlan, ApprovalRequest
from itsm.approvals.queries import open_asks
from itsm.approvals.saying import (
    answered_already,
    nobody_is_asked,
    refuse_other_content,
    refuse_second_answer,
    refuse_votes,
    refuse_without_reason,
)
from itsm.approvals.stepping import Part, PlanOutcome, Step, as_json, from_json, standing, without
from itsm.kernel.actors import Actor
from itsm.notifications.notifying import notify

__all__ = [
    "Part",
    "PlanOutcome",
    "Step",
    "answer_plan",
    "begin",
    "newest_plan",
    "noted",
    "open_plan",
    "require_asked",
    "withdraw_plan",
]

_DECLINE = ApprovalDecision.Decision.DECLINE
_Mine = list[tuple[ApprovalRequest, Standing]]


@transaction.atomic
def begin(
    record: Any,
    steps: Sequence[Step],
    *,
    content_hash: str,
    excluded: Collection[int],
    at: datetime,
    due_at: datetime | None,
    subject: str,
    body: str = "",
    source_hash: str = "",
) -> ApprovalPlan:
    """Freeze a plan about a record, ask its first step, and tell the people. What was open about it is withdrawn.

    `excluded`: accounts that asked for it or get it; the people behind them and their delegates keep out with them.
    `due_at`: of the first step; each later one has as long. `subject`, `body`: what they read before they look.
    `source_hash`: of the rules that the steps follow, for who asks anew.

    Raises InvalidInput for steps that nobody could take to their end (`stepping.without`).
    """
    out = frozenset({*excluded, *interest.natural_persons(excluded)})
    frozen = without(steps, out)
    withdraw_plan(record, at, "asked anew")
    plan = ApprovalPlan.objects.create(
        record_kind=record.kind,
        record_id=record.pk,
        content_hash=content_hash,
        source_hash=source_hash,
        steps=as_json(frozen),
        excluded=sorted(out),
        subject=subject[:200],
        body=body,
        seconds_to_answer=None if due_at is None else max(0, int((due_at - at).total_seconds())),
        began_at=at,
    )
    _ask_step(record, plan, at)
    return plan


def open_plan(record: Any) -> ApprovalPlan | None:
    """The plan that waits for people's answers about a record, None where none does."""
    return ApprovalPlan.objects.filter(
        record_kind=record.kind, record_id=record.pk, status=ApprovalPlan.Status.OPEN
    ).first()


def newest_plan(record: Any) -> ApprovalPlan | None:
    """The plan that was begun last about a record, however it stands."""
    return ApprovalPlan.objects.filter(record_kind=record.kind, record_id=record.pk).order_by("-id").first()


def require_asked(record: Any, actor: Actor) -> bool:
    """Whether a plan asks about a record now. Raises NotPermitted with the rule where it does not ask this person."""
    asks = open_asks(record).exclude(plan=None).order_by("id")
    return bool(asks) and bool(_asked_of(list(asks), actor, record.reference))


@transaction.atomic
def answer_plan(
    record: Any, *, actor: Actor, decision: str, comment: str, content_hash: str, at: datetime
) -> PlanOutcome:
    """Record one word: "approve" or "decline", for every part of this step in which this person is asked.

    Raises WrongState (nobody is asked now, the content has changed since, answered already), NotPermitted (excluded,
    not asked, no person, a token that may not), InvalidInput (another word), MissingInformation (declined without a
    reason).
    """
    plan = (
        ApprovalPlan.objects.select_for_update(no_key=True)
        .filter(record_kind=record.kind, record_id=record.pk, status=ApprovalPlan.Status.OPEN)
        .first()
    )
    asks = [] if plan is None else list(plan.asks.filter(status=ApprovalRequest.Status.OPEN).order_by("id"))
    if plan is None or not asks:
        raise nobody_is_asked(record)
    mine = _asked_of(asks, actor, record.reference)
    refuse_other_content(plan, content_hash, record.reference)
    refuse_votes(decision)
    refuse_without_reason(decision, comment)
    fresh = [(ask, stands) for ask, stands in mine if answered_already(ask, actor, stands) is None]
    if not fresh:
        refuse_second_answer(mine[0][0], actor, mine[0][1], record.reference)
    for ask, stands in fresh:
        ApprovalDecision.objects.create(
            ask=ask, by_id=actor.account_id, in_place_of=stands.place_of, decision=decision, comment=comment,
            content_hash=content_hash, at=at,
        )  # fmt: skip
    return _go_on(record, plan, at)


def _asked_of(asks: Sequence[ApprovalRequest], actor: Actor, reference: str) -> _Mine:
    """The open parts that this person may answer; the refusal of the first one where there are none."""
    able = [ask for ask in asks if standing_of(ask, actor).may_answer] or asks[:1]
    return [(ask, refuse_unless_asked(ask, actor, reference)) for ask in able]


def _go_on(record: Any, plan: ApprovalPlan, at: datetime) -> PlanOutcome:
    """Settle what the answers settle: parts, then the step, then the plan, or ask the next step."""
    steps = from_json(plan.steps)
    asks = list(plan.asks.filter(part__in=[one.name for one in steps[plan.step].parts]).order_by("id"))
    approved, declined = _said(asks)
    stands = standing(steps[plan.step], approved, bool(declined))
    for ask in asks:
        if ask.pk in declined:
            _end(ask, ApprovalRequest.Status.DECLINED, at)
        elif ask.status == ApprovalRequest.Status.OPEN and ask.part in stands.met:
            _end(ask, ApprovalRequest.Status.APPROVED, at)
    if stands.outcome is PlanOutcome.OPEN:
        return PlanOutcome.OPEN
    operations.withdraw(record, at=at, why="decided without them")
    if stands.outcome is PlanOutcome.APPROVED and plan.step + 1 < len(steps):
        plan.step += 1
        plan.save(update_fields=["step"])
        _ask_step(record, plan, at)
        return PlanOutcome.OPEN
    plan.status, plan.decided_at = ApprovalPlan.Status(stands.outcome.value), at
    plan.save(update_fields=["status", "decided_at"])
    return stands.outcome


def _said(asks: Iterable[ApprovalRequest]) -> tuple[dict[str, set[int]], set[int]]:
    """By part, the seats that approve; and the asks that somebody declined. Worked out anew from all answers."""
    approved: dict[str, set[int]] = {}
    declined: set[int] = set()
    rows = ApprovalDecision.objects.filter(ask__in=[ask.pk for ask in asks])
    for ask_id, part, decision, by, seat in rows.values_list(
        "ask_id", "ask__part", "decision", "by_id", "in_place_of_id"
    ):
        if decision == _DECLINE:
            declined.add(ask_id)
        else:
            approved.setdefault(part, set()).add(seat or by)
    return approved, declined


def _end(ask: ApprovalRequest, status: ApprovalRequest.Status, at: datetime) -> None:
    ask.status, ask.decided_at = status, at
    ask.save(update_fields=["status", "decided_at"])


def _ask_step(record: Any, plan: ApprovalPlan, at: datetime) -> None:
    """Put the asks of the step that the plan is at, and tell its people, each once."""
    step = from_json(plan.steps)[plan.step]
    due_at = None if plan.seconds_to_answer is None else at + timedelta(seconds=plan.seconds_to_answer)
    told: dict[int, User] = {}
    for part in step.parts:
        ask = ApprovalRequest.objects.create(
            record_kind=plan.record_kind, record_id=plan.record_id, content_hash=plan.content_hash, plan=plan,
            part=part.name, authority=part.label[:60], people=sorted(part.people), quorum=part.quorum,
            excluded=plan.excluded, asked_at=at, due_at=due_at,
        )  # fmt: skip
        hearers = who_hear(ask)
        told |= {one.pk: one for one in hearers.asked}
        if hearers.keepers:
            tell_keepers(ask, hearers.keepers, record.reference, record.get_absolute_url())
    asked_by = ("approval.asked", "approver")
    notify(told.values(), plan.subject, body=plan.body, path=record.get_absolute_url(), record=record, by=asked_by)


@transaction.atomic
def withdraw_plan(record: Any, at: datetime, why: str) -> bool:
    """Take back what is still open about a record. Returns whether a plan was. Raises nothing."""
    plan = (
        ApprovalPlan.objects.select_for_update(no_key=True)
        .filter(record_kind=record.kind, record_id=record.pk, status=ApprovalPlan.Status.OPEN)
        .first()
    )
    operations.withdraw(record, at=at, why=why)
    if plan is None:
        return False
    plan.status, plan.decided_at, plan.ended_because = ApprovalPlan.Status.WITHDRAWN, at, why[:200]
    plan.save(update_fields=["status", "decided_at", "ended_because"])
    return True


def noted(record: Any) -> dict[str, list[Any]]:
    """The newest answer about a record as its history keeps it: what was said, and in whose place. {} for none."""
    asks = ApprovalRequest.objects.filter(record_kind=record.kind, record_id=record.pk)
    newest = ApprovalDecision.objects.filter(ask__in=asks).select_related("in_place_of").order_by("id").last()
    if newest is None:
        return {}
    place = {"in_place_of": [None, newest.in_place_of.username]} if newest.in_place_of else {}
    return {"decision": [None, newest.decision], **place}
