"""Putting an ask, answering it, taking it back."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext

from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.approvals import panels
from itsm.approvals.asked import Panel
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.hearing import keepers, tell_keepers, who_hear
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.saying import (
    nobody_is_asked,
    refuse_other_content,
    refuse_second_answer,
    refuse_votes,
    refuse_without_reason,
)
from itsm.approvals.voting import Outcome, Tally, Why
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.notifications.notifying import notify


def ask(
    record: Any,
    panel: Panel,
    *,
    content_hash: str,
    at: datetime,
    due_at: datetime | None,
    subject: str,
    body: str = "",
) -> ApprovalRequest:
    """Put one ask about a record and tell those who may answer. An open one about it is withdrawn first.

    `content_hash`: the version of the record that is asked about; answers about another one are refused. `body`: what
    they read before they look.
    """
    withdraw(record, at=at, why="asked anew")
    approval = ApprovalRequest.objects.create(
        record_kind=record.kind,
        record_id=record.pk,
        content_hash=content_hash,
        authority=panel.authority,
        role=panel.role,
        team=panel.team,
        quorum=panel.quorum,
        panel_kind=panel.kind,
        panel_id=panel.number,
        rule=panel.rule,
        excluded=sorted({*panel.excluded, *interest.natural_persons(panel.excluded)}),
        asked_at=at,
        due_at=due_at,
    )
    told = who_hear(approval)
    asked_by = ("approval.asked", "approver")
    notify(told.asked, subject, body=body, path=record.get_absolute_url(), record=record, by=asked_by)
    tell_keepers(approval, told.keepers, record.reference, record.get_absolute_url())
    return approval


@transaction.atomic
def answer(
    record: Any,
    *,
    actor: Actor,
    decision: str,
    comment: str,
    content_hash: str,
    at: datetime,
    vote_id: UUID | None = None,
) -> ApprovalRequest:
    """Record one decision. Returns the ask: still open, approved, declined, or withdrawn for a panel above.

    `vote_id`: the client's id of a vote in a panel; `already_cast` says what is known under it.

    NotPermitted for the excluded, non-humans and others who were not asked; WrongState where nothing
    is asked or the content has changed since; MissingInformation for declining without a word.
    """
    approval = (
        ApprovalRequest.objects.select_for_update(no_key=True)
        .filter(record_kind=record.kind, record_id=record.pk, status="open", part="")
        .first()
    )
    if approval is None:
        raise nobody_is_asked(record)
    standing = refuse_unless_asked(approval, actor, record.reference)
    refuse_other_content(approval, content_hash, record.reference)
    refuse_without_reason(decision, comment)
    if approval.panel_kind:
        vote_id = vote_id or uuid4()
    else:
        refuse_votes(decision)
        refuse_second_answer(approval, actor, standing, record.reference)
    by = User.objects.get(pk=actor.id or 0)
    ApprovalDecision.objects.create(
        ask=approval,
        by=by,
        in_place_of=standing.place_of,
        decision=decision,
        comment=comment,
        content_hash=content_hash,
        at=at,
        vote_id=vote_id if approval.panel_kind else None,
    )
    if approval.panel_kind:
        votes = panels.count(approval)
        settle_votes(record, approval, votes, at)
        if decision == ApprovalDecision.Decision.RECUSE and (votes.outcome, votes.why) == (Outcome.OPEN, Why.TOO_FEW):
            tell_keepers(approval, keepers(approval), record.reference, record.get_absolute_url())
    else:
        _settle(approval, at)
    return approval


def already_cast(record: Any, *, actor: Actor, decision: str, vote_id: UUID | None) -> bool:
    """Whether this very vote is known already: a bad network sent it twice.

    Raises Conflict where the id is known of another vote.
    """
    known = ApprovalDecision.objects.filter(
        ask__record_kind=record.kind, ask__record_id=record.pk, vote_id=vote_id or uuid4()
    ).first()
    if known is None:
        return False
    if (known.by_id, known.decision) != (actor.id, decision):
        raise Conflict(gettext("This vote_id belongs to another vote; each vote has an id of its own."))
    return True


def noted(approval: ApprovalRequest) -> dict[str, list[Any]]:
    """The newest answer as the record's history keeps it: what was said, and in whose place."""
    newest = approval.answers.select_related("in_place_of").latest("id")
    place = {"in_place_of": [None, newest.in_place_of.username]} if newest.in_place_of else {}
    return {"decision": [None, newest.decision], **place}


def settle_votes(record: Any, approval: ApprovalRequest, votes: Tally, at: datetime) -> None:
    """Approved, declined, or asked of the panel above, as the votes say. The caller holds the record's lock."""
    if votes.outcome is Outcome.ESCALATE:
        _ask_above(record, approval, at)
    elif votes.outcome is not Outcome.OPEN:
        approval.status = ApprovalRequest.Status(votes.outcome.value)
        approval.decided_at = at
        approval.save(update_fields=["status", "decided_at"])


def _ask_above(record: Any, approval: ApprovalRequest, at: datetime) -> None:
    """Too few are left: those above are asked for the same content, by the same time, with the same excluded."""
    panel = panels.above(approval)
    if panel is None:
        return
    words = {"record": record.reference, "authority": approval.authority}
    ask(
        record,
        replace(panel, excluded={*panel.excluded, *approval.excluded}),
        content_hash=approval.content_hash,
        at=at,
        due_at=approval.due_at,
        subject=gettext("%(record)s waits for you: too few of %(authority)s may decide about it") % words,
    )
    approval.refresh_from_db()


def withdraw(record: Any, *, at: datetime, why: str) -> int:
    """Take back what is still open about a record. Returns how many asks that were."""
    return ApprovalRequest.objects.filter(
        record_kind=record.kind, record_id=record.pk, status=ApprovalRequest.Status.OPEN
    ).update(status=ApprovalRequest.Status.WITHDRAWN, decided_at=at, ended_because=why[:200])


def _settle(approval: ApprovalRequest, at: datetime) -> None:
    """Any decline declines; a quorum of distinct people approves."""
    said = list(approval.answers.values_list("decision", flat=True))
    if ApprovalDecision.Decision.DECLINE in said:
        approval.status = ApprovalRequest.Status.DECLINED
    elif len(said) >= approval.quorum:
        approval.status = ApprovalRequest.Status.APPROVED
    else:
        return
    approval.decided_at = at
    approval.save(update_fields=["status", "decided_at"])
