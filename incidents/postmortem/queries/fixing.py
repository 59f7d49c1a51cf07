"""Changes that an action of a postmortem is done by, for the gate: what may prove a fix for reliability."""

from collections.abc import Collection
from typing import NamedTuple

from incidents.postmortem.models import PostmortemAction
from incidents.postmortem.workflow import Status


class FixWord(NamedTuple):
    """The word of one account that a change does an action of a postmortem about a service."""

    change_number: int
    service_id: int | None
    by_id: int
    reference: str


def words_about(numbers: Collection[int]) -> list[FixWord]:
    """What people said of these changes, while the postmortem stands and is of that service. One query."""
    rows = (
        PostmortemAction.objects.filter(change_number__in=numbers, fix_said_by__isnull=False)
        .exclude(postmortem__status=Status.WAIVED)
        .select_related("postmortem__incident", "postmortem__problem")
        .order_by("pk")
    )
    return [
        FixWord(row.change_number or 0, row.fix_service_id, row.fix_said_by_id or 0, row.postmortem.reference)
        for row in rows
        if row.postmortem.about.service_id == row.fix_service_id
    ]
