"""What an edit of its content takes from a change: the gate's answer, approvals, what it reserved, its place."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from changes.change.models import Change, Evaluation
from changes.change.queries.turns import Place, place_of
from changes.change.queries.verdicts import of_decision, ratio_text
from itsm.approvals.models import ApprovalDecision, ApprovalRequest


@dataclass(frozen=True, slots=True)
class AtStake:
    """One live answer and what hangs on it. `reserved`: objective -> share of its budget, as text."""

    evaluation: UUID
    status: str
    good_until: datetime | None = None
    waits_for: str = ""
    approved_by: tuple[str, ...] = ()
    reserved: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None

    @property
    def mark(self) -> str:
        """Stands for all of it: another answer, one more approval or another share is another mark."""
        told = (str(self.evaluation), self.status, str(self.good_until), *self.approved_by, *self.reserved.items())
        return hashlib.sha256(repr((told, self.place)).encode()).hexdigest()[:16]

    def said(self) -> list[str]:
        """Each loss as a sentence; never none."""
        return [words for words in (self._answer(), self._approvals(), self._reserved(), self._place()) if words]

    def _answer(self) -> str:
        if self.status == Evaluation.Status.APPROVED:
            return _("The authorisation that it has now ends; the gate has to be asked anew.")
        if self.waits_for:
            words = _("What is asked of %(who)s is taken back; the gate has to be asked anew.")
            return words % {"who": self.waits_for}
        return _("The question that waits at the gate is taken back; it has to be asked anew.")

    def _approvals(self) -> str:
        words = _("Approvals of the old content count no more: %(names)s.")
        return words % {"names": ", ".join(self.approved_by)} if self.approved_by else ""

    def _reserved(self) -> str:
        shares = (f"{Decimal(ratio):.2%} ({slug})" for slug, ratio in self.reserved.items())
        words = _("What it reserved of error budgets is given back: %(shares)s.")
        return words % {"shares": ", ".join(shares)} if self.reserved else ""

    def _place(self) -> str:
        words = _("Its place in the queue, %(place)s of %(of)s, is lost.")
        return words % self.place._asdict() if self.place else ""


def at_stake(evaluation: Evaluation | None, change: Change, at: datetime) -> AtStake | None:
    """What hangs on a live answer about this change as it was asked about; None where none is live, by the clock too.

    Reads only.
    """
    if evaluation is None or evaluation.stands(at) == Evaluation.Status.EXPIRED:
        return None
    asks = _asks(change)
    ask = asks[0] if asks else None
    said = of_decision(evaluation.decision) if evaluation.decision else None
    evaluation.change = change
    approved = evaluation.status == Evaluation.Status.APPROVED
    reserved = said.verdict.reserved if said and approved else {}
    return AtStake(
        evaluation.pk,
        evaluation.status,
        evaluation.expires_at if approved else None,
        ask.authority if ask and ask.status == ApprovalRequest.Status.OPEN else "",
        tuple(dict.fromkeys(name for one in asks for name in _who_approved(one))),
        {slug: ratio_text(ratio) for slug, ratio in sorted(reserved.items()) if ratio},
        place_of(evaluation, said) if said else None,
    )


def _asks(change: Change) -> list[ApprovalRequest]:
    """The newest first: of the authority, and of the steps that approved before it."""
    asks: Any = ApprovalRequest.objects.filter(
        record_kind=change.kind, record_id=change.pk, content_hash=change.content_hash
    ).exclude(status=ApprovalRequest.Status.WITHDRAWN)
    return list(asks.prefetch_related("answers__by").order_by("-id"))


def _who_approved(ask: ApprovalRequest) -> list[str]:
    return [str(one.by) for one in ask.answers.all() if one.decision == ApprovalDecision.Decision.APPROVE]
