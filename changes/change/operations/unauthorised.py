"""What went out without an authorisation is recorded as it was found: nobody opens such a change by hand."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changes.change.models import Change
from changes.change.operations import review_reminders
from changes.change.operations.content import content_hash
from changes.change.operations.reviewing import due_after
from changes.change.vocabulary import ChangeClass
from changes.change.workflow import REVIEWED_ANYWAY, Status
from itsm import lifecycle, rows
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from catalog.models import Service


@transaction.atomic
def record_unauthorised(
    *,
    actor: Actor,
    service: "Service",
    environment: str,
    summary: str,
    at: datetime,
    started_at: datetime,
    finished_at: datetime | None = None,
    artifact_digest: str = "",
    artifact_version: str = "",
    commit: str = "",
) -> Change:
    """A change in review that nobody asked for. Headroom alone finds one: it is called by code, with `actor` itself.

    Raises InvalidInput for a summary that nobody can read.
    """
    change = Change(
        summary=summary,
        service=service,
        environment=environment,
        change_class=ChangeClass.UNAUTHORISED,
        artifact_digest=artifact_digest,
        artifact_version=artifact_version,
        commit=commit,
        status=Status.REVIEWING,
        review_because=REVIEWED_ANYWAY[ChangeClass.UNAUTHORISED],
        review_due_at=due_after(at),
        created_at=at,
        started_at=started_at,
        finished_at=finished_at,
    )
    change.content_hash = content_hash(change)
    rows.insert(change)
    review_reminders.promise(change, at)
    return lifecycle.created(change, actor=actor, changes={"summary": [None, summary]}, at=at)


@transaction.atomic
def withdraw_unauthorised(change: Change, *, actor: Actor, why: str) -> Change:
    """It was authorised after all, which was found late: nobody needs to look back at it. By code alone.

    Raises NotPermitted, and WrongState where somebody has closed it.
    """
    change = lifecycle.locked(change)
    with lifecycle.step(change, "withdraw", actor=actor, remark=why, locked_by_caller=True):
        change.review_due_at = None
        change.review_because = ""
    review_reminders.take_back(change)
    return change
