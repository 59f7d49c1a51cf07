"""Refunds: a debit that was not a change's doing is corrected, on two names, and its history is counted again.

Promise: a refund makes the next answer of the gate kinder, so nobody asks for one or confirms one who has an interest
in an open change that the service is read by, nor who had a part in the change itself.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from changes.change.models import Change
from changes.change.operations.counting import recount
from changes.ledger.models import SHORTEST_REASON, ChangeCost, Refund
from changes.ledger.operations.following import note_cost
from changes.ledger.permissions import refunders
from changes.ledger.queries.sums import ObjectiveSum, sums_of
from changes.ledger.vocabulary import FailedBy
from itsm import lifecycle
from itsm.accounts.interest import natural_persons, require_no_interest
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

if TYPE_CHECKING:
    from slo.models import Objective

REFUND = "changes: refund a debit"


@transaction.atomic
def ask_refund(
    change: Change, *, actor: Actor, objective: "Objective", events: int, reason: str, at: datetime
) -> Confirmation:
    """Ask that so many events (or slices) of its debit are given back. Nothing has changed until a second person, an
    owner of the service or a change manager without interest, confirms it.

    Raises NotPermitted (who may not, who has an interest or a part in it), InvalidInput (reason, number) and WrongState
    (it was not debited so much).
    """
    change = lifecycle.locked(change)
    if not refunders(actor, change):
        raise NotPermitted(gettext("Owners of the service and change managers, people, give debits back."))
    _require_no_part(change, actor)
    require_no_interest(actor, read_by_changes_of([change.service_id]), doing=gettext("give a debit back"))
    if len(reason.strip()) < SHORTEST_REASON:
        words = gettext("Say in at least %(count)d characters why it was not this change.") % {"count": SHORTEST_REASON}
        raise InvalidInput.about("reason", words)
    if events < 1:
        raise InvalidInput.about("events", gettext("Give back at least one."))
    amount = events * objective.unit
    found = _require_debited(change, objective.pk, amount)
    return propose(
        change,
        actor=actor,
        at=at,
        action=REFUND,
        subject=gettext("Give back some of what %(change)s was debited") % {"change": change.reference},
        payload={"objective": objective.pk, "amount": amount},
        differences=[
            Difference(
                gettext("debit to %(objective)s") % {"objective": objective.slug},
                str(found.net // objective.unit),
                str((found.net - amount) // objective.unit),
            )
        ],
        services=read_by_changes_of([change.service_id]),
        roles=(Role.MANAGER, Role.OWNER),
        team=change.service.team,
        excluded=change.interested,
        reason=reason,
    )


def refund_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second person confirmed: the debit is corrected. A run that counts as failed for its cost alone counts as
    clean where it did not cost so much; what failed by anything else stays failed.

    Raises NotPermitted (who had a part in it) and WrongState (it was debited less since).
    """
    change = lifecycle.locked(Change.objects.select_related("service").get(pk=confirmation.record_id))
    _require_no_part(change, actor)
    kept = confirmation.payload
    _require_debited(change, kept["objective"], kept["amount"])
    refund = Refund.objects.create(
        change=change,
        objective_id=kept["objective"],
        amount=kept["amount"],
        reason=confirmation.reason,
        asked_by_id=confirmation.proposed_by_id,
        confirmed_by_id=actor.id or 0,
        at=at,
    )
    said = {"amount": [None, refund.amount], "objective": [None, refund.objective.slug]}
    lifecycle.announce(change, "refunded", actor=actor, changes=said, remark=refund.reason)
    was_too_dear = ChangeCost.objects.filter(change=change, why=FailedBy.DEBIT).exists()
    if not note_cost(change, at).failed and was_too_dear:
        recount(change, failed=False)


def _require_no_part(change: Change, actor: Actor) -> None:
    mine = {actor.id, actor.person_id} - {None}
    if mine & (change.interested | natural_persons(change.interested)):
        raise NotPermitted(
            gettext("%(name)s had a part in %(change)s; somebody else says what it did not cost.")
            % {"name": actor.name, "change": change.reference}
        )


def _require_debited(change: Change, objective: int, amount: int) -> ObjectiveSum:
    found = next((one for one in sums_of(change) if one.objective == objective), None)
    if found is None or found.net < amount:
        raise WrongState(gettext("%(change)s was not debited so much.") % {"change": change.reference})
    return found
