"""Changes as lists show them: where each stands, what it waits for, how long its answer is good, why people decide.

Two queries for any number of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from changes.change.models import Change, Evaluation
from changes.change.models.standing import has_lapsed
from changes.change.queries.explanation import explanation
from changes.change.queries.verdicts import of_decision
from changes.change.workflow import Status
from itsm.approvals.models import ApprovalRequest


@dataclass(frozen=True, slots=True)
class ListRow:
    """`waits` says what has to happen next; `until` is the instant that matters, `means` what it is.

    `helps`: the smallest change by which it would go without people; empty where none is known.
    """

    change: Change
    waits: str = ""
    means: str = ""
    until: datetime | None = None
    reason: str = ""
    helps: str = ""


def list_rows(changes: Sequence[Change]) -> list[ListRow]:
    """The rows of these changes, in their order."""
    ids, at = [change.pk for change in changes], timezone.now()
    newest = (
        Evaluation.objects.filter(change__in=ids)
        .order_by("change_id", "-asked_at", "-id")
        .distinct("change_id")
        .select_related("decision")
        .defer("decision__evidence", "claims", "pipeline", "known", "held")
    )
    evaluations = {one.change_id: one for one in newest}
    asks = {ask.record_id: ask for ask in _open_asks(ids)}
    return [_row(change, evaluations.get(change.pk), asks.get(change.pk), at) for change in changes]


def _open_asks(ids: Sequence[int]) -> Sequence[ApprovalRequest]:
    asks = ApprovalRequest.objects.filter(
        record_kind=Change.kind, record_id__in=ids, status=ApprovalRequest.Status.OPEN
    )
    return list(asks.select_related("team"))


def _row(change: Change, evaluation: Evaluation | None, ask: ApprovalRequest | None, at: datetime) -> ListRow:
    said = of_decision(evaluation.decision) if evaluation is not None and evaluation.decision else None
    helps = said.help_alone[0].sentence if said is not None and said.help_alone else ""
    reason = explanation(said).lead if said is not None else ""
    return replace(_standing(change, ask, reason, "" if has_lapsed(change, at) else change.status), helps=helps)


def _standing(change: Change, ask: ApprovalRequest | None, reason: str, status: str) -> ListRow:
    match status:
        case Status.DRAFT | "":  # what lapsed is a draft as soon as the sweeper comes
            return ListRow(change, _("its author, to ask again"), reason=reason)
        case Status.ASSESSING | Status.AUTHORISING if ask is not None:
            return ListRow(change, _("people: %(who)s") % {"who": _who(ask)}, _("due"), ask.due_at, reason)
        case Status.ASSESSING | Status.AUTHORISING:
            return ListRow(change, _("its time"), _("judged again"), change.not_before, reason)
        case Status.SCHEDULED if ask is not None:
            return ListRow(change, _("“still?” from %(who)s") % {"who": _who(ask)}, _("due"), ask.due_at, reason)
        case Status.SCHEDULED:
            return ListRow(change, _("its start"), _("lapses"), change.authorised_until, reason)
        case Status.ON_HOLD:
            return ListRow(change, change.hold_reason, _("on hold since"), change.held_at, reason)
        case Status.RUNNING:
            return ListRow(change, _("its end"), _("started"), change.started_at, reason)
        case Status.REVIEWING if change.review_due_at and not change.reviewed_at:
            why = _("a review: %(why)s") % {"why": change.get_review_because_display()}
            return ListRow(change, why, _("due"), change.review_due_at, reason)
        case Status.REVIEWING:
            return ListRow(change, _("its outcome"), _("finished"), change.finished_at, reason)
    return ListRow(change, "", _("finished"), change.finished_at, reason)


def _who(ask: ApprovalRequest) -> str:
    if ask.part:
        return ask.authority
    return f"{ask.get_role_display()} / {ask.team}" if ask.team else str(ask.get_role_display())
