"""What is to do on an item, and on what lives on in it."""

from django.db.models import F, Q, QuerySet

from catalog.cmdb.models import CI
from itsm.work.models import Task


def tasks_of_item(item: CI) -> "QuerySet[Task]":
    """What is to do first, the oldest first, then what was done, of an item that the caller may see."""
    ids = CI.objects.filter(Q(pk=item.pk) | Q(merged_into=item)).values("pk")
    rows = Task.objects.filter(record_kind=CI.kind, record_id__in=ids).select_related("team", "assigned_to", "done_by")
    return rows.order_by(F("done_at").asc(nulls_first=True), "pk")
