"""Material edits: whatever was asked or authorised on the old content is void in the same transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from changes.change import permissions
from changes.change.models import Change, Evaluation
from changes.change.operations.affected import affected_items
from changes.change.operations.asking import require_order
from changes.change.operations.content import content_hash
from changes.change.operations.evaluations import GATE, end, live_evaluation
from changes.change.workflow import WAITING, Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState

EDITABLE = (Status.DRAFT, *WAITING, Status.SCHEDULED, Status.ON_HOLD)


def require_editable(change: Change, actor: Actor) -> None:
    """Raises NotPermitted and WrongState: pages ask before they look at what was sent."""
    if not permissions.requesters(actor, change):
        raise NotPermitted(
            gettext("Only whoever asked for %(change_reference)s edits it.") % {"change_reference": change.reference}
        )
    if change.status not in EDITABLE:
        raise WrongState(
            gettext("%(change_reference)s is %(change_status)s; its content no longer changes.")
            % {"change_reference": change.reference, "change_status": change.status},
            state=change.status,
        )


@transaction.atomic
def edit(change: Change, *, actor: Actor, version: int | None, at: datetime, **fields: Any) -> Change:
    """Change summary, plan, backout, artifact, window or affected items. The author asks the gate again afterwards.

    Raises NotPermitted, WrongState, InvalidInput, StaleVersion and VersionRequired.
    """
    require_editable(change, actor)
    if "items" in fields:
        fields = {**fields, "items": affected_items(fields["items"])}
    with lifecycle.edit(change, actor=actor, version=version) as current:
        for field, value in fields.items():
            setattr(current, field, value)
        require_order(current.window_start, current.window_end)
        current.content_hash = content_hash(current)
    evaluation = live_evaluation(current)
    if evaluation is not None and evaluation.content_hash != current.content_hash:
        end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=gettext("the content was edited"), at=at)
    current.refresh_from_db()
    return current
