"""Looking back (PIR): when a review is owed, and what it says.

Promise: an emergency review that is overdue suspends the emergency path of its team (the gate reads it), so nobody with
a stake in one of the team's services writes it.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from catalog.services.queries import of_team
from changes.change.models import Change, Deployment
from changes.change.operations import review_reminders
from changes.change.vocabulary import ReviewCause
from changes.change.workflow import NORMAL, REVIEWED_ANYWAY
from changes.gate.measures import business_days_after
from changes.gate.vocabulary import ConditionCode
from changes.policies.queries import in_force
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted

_OF_ENDINGS = {
    Deployment.Status.FAILED.value: ReviewCause.UNSUCCESSFUL,
    Deployment.Status.ROLLED_BACK.value: ReviewCause.ROLLED_BACK,
}


def owe_review(
    change: Change, at: datetime, *, ended: str, conditions: list[dict[str, Any]], overridden: bool = False
) -> None:
    """Where what it was, that it went by override, how it `ended` or a condition of its answer asks for one; within a
    step of the caller's. What it cost is found later (`costing`).
    """
    promised = any(one["code"] == ConditionCode.REVIEW_AFTERWARDS for one in conditions)
    cause = (
        REVIEWED_ANYWAY.get(change.change_class)
        or (ReviewCause.OVERRIDE if overridden else None)
        or _OF_ENDINGS.get(ended)
        or (ReviewCause.CONDITION if promised else None)
    )
    if cause is not None:
        change.review_because, change.review_due_at = cause, due_after(at)
        review_reminders.promise(change, at)


def due_after(at: datetime) -> datetime:
    """So many business days later as the ruling policy gives the emergency board."""
    return business_days_after(at, in_force().limits.ecab_business_days)


@NORMAL.takes("review")
@transaction.atomic
def review(
    change: Change, *, actor: Actor, at: datetime, review_worked: str, review_cost: str, review_follow_up: str
) -> Change:
    """Answer the three questions. Said again, the last word counts; all of them stand in the history.

    Raises WrongState, NotPermitted (who had a part in it, put a name to its override, or has a stake in a service of
    the team) and MissingInformation.
    """
    change = lifecycle.locked(change)
    change.workflow.begin("review", actor, change)
    if change.overrides.filter(Q(asked_by=actor.id) | Q(seconded_by=actor.id)).exists():
        raise NotPermitted(
            gettext("%(name)s put a name to the override of %(change)s; somebody else looks back at it.")
            % {"name": actor.name, "change": change.reference}
        )
    team = change.service.team_id
    beside = of_team(team) if team else [change.service_id]
    require_no_interest(actor, beside, doing=gettext("look back at a change"))
    with lifecycle.step(change, "review", actor=actor, locked_by_caller=True):
        change.review_worked, change.review_cost, change.review_follow_up = review_worked, review_cost, review_follow_up
        change.reviewed_by_id, change.reviewed_at = actor.id, at
        review_reminders.take_back(change)
    return change
