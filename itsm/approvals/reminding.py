"""Reminders before an ask is due. A time-out never approves: who was asked hears of it while there is time left."""

from datetime import datetime

from django.db import transaction

from itsm.approvals.asked import pre_read_of
from itsm.approvals.hearing import tell_keepers, who_hear
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.waiting import named
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.one_by_one import one_by_one

_AT_A_TIME = 500


def remind(at: datetime) -> int:
    """Tell those who have not answered an ask of whose time three quarters are over, once. Returns how many asks.

    Safe to run twice, and by two at once.
    """
    coming = ApprovalRequest.objects.filter(status=ApprovalRequest.Status.OPEN, reminded_at=None, due_at__gt=at)
    soon = [one.pk for one in coming.order_by("due_at")[:_AT_A_TIME] if reminds_at(one) <= at]
    return one_by_one(soon, lambda pk: _remind(pk, at), what="reminders before an ask is due")


def reminds_at(approval: ApprovalRequest) -> datetime:
    """When three quarters of the time to answer are over. Of asks that are due."""
    due = approval.due_at or approval.asked_at
    return due - (due - approval.asked_at) / 4


@transaction.atomic
def _remind(ask_id: int, at: datetime) -> bool:
    open_still = ApprovalRequest.objects.select_for_update(no_key=True, skip_locked=True)
    approval = open_still.filter(pk=ask_id, status=ApprovalRequest.Status.OPEN, reminded_at=None).first()
    if approval is None or approval.due_at is None:
        return False
    told_of = named(approval)
    approval.reminded_at = at
    approval.save(update_fields=["reminded_at"])
    words = {
        "reference": told_of.reference,
        "at": f"{approval.due_at:%Y-%m-%d %H:%M}",
        "title": told_of.title,
    }
    told = who_hear(approval)
    notify(
        told.asked,
        _("%(reference)s waits for you until %(at)s UTC: %(title)s") % words,
        body=pre_read_of(approval.record_kind, approval.record_id),
        path=told_of.path,
        by=("approval.due_soon", "approver"),
    )
    tell_keepers(approval, told.keepers, words["reference"], told_of.path)
    return True
