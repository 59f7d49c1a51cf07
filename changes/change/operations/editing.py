"""Material edits: whatever was asked or authorised on the old content is void in the same transaction."""

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical
from changes.change import permissions
from changes.change.models import Change, Evaluation
from changes.change.operations.affected import affected_items
from changes.change.operations.asking import require_order
from changes.change.operations.content import content_hash
from changes.change.operations.evaluations import GATE, end, live_evaluation, look_again
from changes.change.operations.planned import outage_fields, require_implementer
from changes.change.queries.at_stake import AtStake, at_stake
from changes.change.vocabulary import EXPERIMENT
from changes.change.workflow import WAITING, Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState

EDITABLE = (Status.DRAFT, *WAITING, Status.SCHEDULED, Status.ON_HOLD)


class TakesAway(Conflict):
    """The edit would take away what was asked or authorised: `takes_away` says what, `agreed` is the mark to send."""

    code, title = "takes-away", "This takes something away"
    members: ClassVar[Mapping[str, Any]] = {
        "takes_away": {"type": "array", "items": {"type": "string"}},
        "agreed": {"type": "string"},
    }

    def __init__(self, change: Change, lost: AtStake) -> None:
        words = {"change": change.reference, "lost": " ".join(lost.said())}
        super().__init__(
            gettext("This makes %(change)s another change. %(lost)s") % words, takes_away=lost.said(), agreed=lost.mark
        )


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
def edit(
    change: Change, *, actor: Actor, version: int | None, at: datetime, agreed: str | None = None, **fields: Any
) -> Change:
    """Change what a change says. The author asks the gate again afterwards, where its content is another now.

    What that took away is on the change returned (`voided`); None where it took nothing. Its service stays, and
    so does its model: whoever asked has a stake there, and a model brings tasks along.

    `agreed`: the mark of what it takes away, as it was shown to this person ("" for nothing); an edit that takes more
    is refused with what it would take. None: the caller vouches for that.

    Raises NotPermitted, WrongState, InvalidInput, UnknownEnvironment, StaleVersion, VersionRequired and TakesAway.
    """
    require_editable(change, actor)
    with lifecycle.edit(change, actor=actor, version=version) as current:
        was = copy(current)
        _fill_in(current, fields)
        evaluation = live_evaluation(current)
        void = evaluation if evaluation and evaluation.content_hash != current.content_hash else None
        lost = at_stake(void, was, at)
        if lost is not None and agreed is not None and agreed != lost.mark:
            raise TakesAway(current, lost)
    if void is not None:
        end(void, actor=GATE, status=Evaluation.Status.EXPIRED, why=gettext("the content was edited"), at=at)
        if was.environment != current.environment:  # who waits there for what it gave back has their turn
            look_again(at, service=was.service_id, environment=was.environment)
    current.refresh_from_db()
    current.voided = lost
    return current


def _fill_in(change: Change, fields: dict[str, Any]) -> None:
    said = dict(fields)
    if said.get("purpose", change.purpose) != change.purpose and EXPERIMENT in (said["purpose"], change.purpose):
        raise InvalidInput.about("purpose", gettext("What is no experiment becomes none, and an experiment stays one."))
    if "items" in said:
        said["items"] = affected_items(said["items"])
    if "environment" in said:
        said["environment"] = canonical(said["environment"])
    if "outage" in said:
        said |= outage_fields(said.pop("outage"))
    if "implementer" in said:
        require_implementer(said["implementer"])
    for field, value in said.items():
        setattr(change, field, value)
    require_order(change.window_start, change.window_end)
    change.content_hash = content_hash(change)
