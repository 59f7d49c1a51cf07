"""Reminders before an ask is due, and on each working day after it. A time-out never approves: who was asked hears of
it while there is time left, and afterwards until somebody answers or nobody is asked any more.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from itsm.approvals.asked import pre_read_of
from itsm.approvals.hearing import tell_keepers, who_hear
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.waiting import named
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.one_by_one import one_by_one

_AT_A_TIME = 500
_SATURDAY = 5


def remind(at: datetime) -> int:
    """Tell those who have not answered an ask of whose time three quarters are over, once; and once on each day from
    Monday to Friday after that on which it was due. Returns how many asks.

    Safe to run twice, and by two at once.
    """
    open_ones = ApprovalRequest.objects.filter(status=ApprovalRequest.Status.OPEN)
    coming = open_ones.filter(reminded_at=None, due_at__gt=at)
    soon = [one.pk for one in coming.order_by("due_at")[:_AT_A_TIME] if reminds_at(one) <= at]
    late = [one.pk for one in _overdue(open_ones, at)[:_AT_A_TIME]] if _is_working_day(at) else []
    return one_by_one([*soon, *late], lambda pk: _remind(pk, at), what="reminders about asks")


def _overdue(asks: "QuerySet[ApprovalRequest]", at: datetime) -> "QuerySet[ApprovalRequest]":
    """Those whose time was over before today, and of whom nobody was reminded today."""
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    before_today = Q(reminded_at=None) | Q(reminded_at__lt=today)
    return asks.filter(before_today, due_at__lt=today).order_by("due_at")


def _is_working_day(at: datetime) -> bool:
    return timezone.localtime(at).weekday() < _SATURDAY


def reminds_at(approval: ApprovalRequest) -> datetime:
    """When three quarters of the time to answer are over. Of asks that are due."""
    due = approval.due_at or approval.asked_at
    return due - (due - approval.asked_at) / 4


@transaction.atomic
def _remind(ask_id: int, at: datetime) -> bool:
    open_still = ApprovalRequest.objects.select_for_update(no_key=True, skip_locked=True)
    approval = open_still.filter(pk=ask_id, status=ApprovalRequest.Status.OPEN).first()
    if approval is None or approval.due_at is None:
        return False
    is_late = approval.due_at <= at
    if not is_late and approval.reminded_at is not None:
        return False
    if is_late and not _overdue(ApprovalRequest.objects.filter(pk=ask_id), at).exists():
        return False  # another one did it meanwhile
    told_of = named(approval)
    approval.reminded_at = at
    approval.save(update_fields=["reminded_at"])
    words = {
        "reference": told_of.reference,
        "at": f"{approval.due_at:%Y-%m-%d %H:%M}",
        "title": told_of.title,
    }
    told = who_hear(approval)
    subject = _("%(reference)s waits for you until %(at)s UTC: %(title)s")
    if is_late:
        subject = _("%(reference)s is overdue: it waits for you since %(at)s UTC: %(title)s")
    notify(
        told.asked,
        subject % words,
        body=pre_read_of(approval.record_kind, approval.record_id),
        path=told_of.path,
        by=("approval.due_soon", "approver"),
    )
    tell_keepers(approval, told.keepers, words["reference"], told_of.path)
    return True
