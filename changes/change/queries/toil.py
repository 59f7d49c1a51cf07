"""Minutes that people spent on approving changes by hand, and approvals that took nobody: for the report of toil."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from changes.change.models import Change, Evaluation
from incidents.toil.rules import Cause, Work, around
from itsm.approvals.models import ApprovalDecision

_EDGE = timedelta(hours=24)


def approving(first: datetime, last: datetime) -> Iterator[Work]:
    """Each answer of a person to an ask about a change. Two queries."""
    answers = list(
        ApprovalDecision.objects.filter(
            ask__record_kind=Change.kind, by__account_type="human", at__gte=first - _EDGE, at__lt=last + _EDGE
        ).values_list("ask__record_id", "by_id", "at")
    )
    slugs = dict(Change.objects.filter(pk__in={one[0] for one in answers}).values_list("pk", "service__slug"))
    for change, person, at in answers:
        if change in slugs:
            yield around(Cause.APPROVAL, person, slugs[change], at)


def approved_by_policy(first: datetime, last: datetime) -> int:
    """How many questions of [first, last) the policy alone answered with a yes. One query."""
    asked = Evaluation.objects.filter(asked_at__gte=first, asked_at__lt=last)
    granted = asked.filter(decided_by=Evaluation.DecidedBy.POLICY, expires_at__isnull=False)
    return granted.order_by().count()
