"""Pages as the report of on-call counts them: whom, when first, by which schedule, and after how long it was
acknowledged by a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Min

from itsm.oncall.models import Served
from itsm.oncall.reporting import PageCount
from itsm.paging.models import Page
from itsm.paging.vocabulary import PageStatus


def counted(begin: datetime, end: datetime) -> Iterator[PageCount]:
    """The pages that began between two instants."""
    rows = Page.objects.filter(begun_at__gte=begin, begun_at__lt=end).select_related("escalation")
    tried: Any = rows.annotate(first=Min("attempts__begun_at")).order_by("pk")
    for page in tried:
        first = page.first or page.begun_at
        answered = page.state == PageStatus.ACKNOWLEDGED and page.ended_at is not None
        after = (page.ended_at - first).total_seconds() if answered and page.ended_at is not None else None
        yield PageCount(_schedule(page), page.person_id, first, after)


def _schedule(page: Page) -> int | None:
    """The schedule of the step that called them; of several, the one by which they were on duty."""
    if page.escalation is None or not page.step:
        return None
    steps: list[dict[str, Any]] = page.escalation.snapshot.get("steps", [])
    targets = steps[page.step - 1]["targets"] if page.step <= len(steps) else []
    named = list(dict.fromkeys(one["schedule"] for one in targets if one.get("schedule")))
    if len(named) < 2:
        return named[0] if named else None
    served = Served.objects.filter(
        schedule__in=named, person=page.person_id, starts_at__lte=page.begun_at, ends_at__gt=page.begun_at
    )  # fmt: skip
    return served.values_list("schedule_id", flat=True).first() or named[0]
