"""What becomes of an item's approvals: passed on with its tasks in the same transaction, or over."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.requests.models import RequestItem
from catalog.requests.operations import planning
from catalog.requests.operations.clocks import follow_clock
from catalog.requests.operations.following import follow_items, held
from catalog.requests.operations.telling import tell_desk
from catalog.requests.workflow import ItemStatus
from itsm import lifecycle
from itsm.approvals import plans
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, WrongState
from itsm.notifications.sayings import saying as _

APPROVALS = Actor.system("its approvals")


@transaction.atomic
def decide(
    item: RequestItem, *, actor: Actor, decision: str, comment: str = "", content_hash: str = "",
    at: datetime | None = None,
) -> RequestItem:  # fmt: skip
    """Say approve or decline about an item; the last one that is needed passes it on with its tasks, at once.

    `content_hash`: what was read; without it, as it stands. Raises NotPermitted (not asked, excluded), WrongState
    (nothing is asked, or it has changed), MissingInformation (declined without a word).
    """
    now = at or timezone.now()
    current = held(item)
    if current.status != ItemStatus.APPROVING:
        raise WrongState(
            gettext("Nobody is asked to decide about %(reference)s now.") % {"reference": current.reference},
            state=current.status, available=[],
        )  # fmt: skip
    outcome = plans.answer_plan(
        current, actor=actor, decision=decision, comment=comment, at=now,
        content_hash=content_hash or current.content_hash,
    )  # fmt: skip
    lifecycle.announce(current, "answered", actor=actor, changes=plans.noted(current), remark=comment)
    if outcome == plans.PlanOutcome.APPROVED:
        pass_on(current, at=now)
    elif outcome == plans.PlanOutcome.DECLINED:
        turn_down(current, reason=comment, at=now)
    follow_items(current.request, at=now)
    return current


def decide_ask(
    ask: ApprovalRequest, *, actor: Actor, decision: str, comment: str, content_hash: str, at: datetime
) -> RequestItem:
    """The same for the queue of what waits, which knows the ask alone. Raises NotFound besides."""
    item = RequestItem.objects.select_related("request").filter(pk=ask.record_id).first()
    if item is None:
        raise NotFound(gettext("Nobody is asked under this number."))
    return decide(item, actor=actor, decision=decision, comment=comment, content_hash=content_hash, at=at)


def pass_on(item: RequestItem, *, at: datetime) -> None:
    """To be fulfilled, by the tasks of its plan, from now on; the caller holds it with its request.

    Raises WrongState.
    """
    with lifecycle.step(item, "approve", actor=APPROVALS, locked_by_caller=True) as current:
        current.approved_at = current.since = at
    planning.lay_out_plan(current, actor=APPROVALS)
    follow_clock(current, at=at)
    words = {"item": item.reference, "name": item.name, "person": item.request.requested_for}
    tell_desk(
        item.request, [item], APPROVALS, "request.approved",
        _("%(item)s is to be fulfilled: %(name)s for %(person)s") % words, "",
    )  # fmt: skip
    planning.carry_on(current, actor=APPROVALS, at=at)


def turn_down(item: RequestItem, *, reason: str, at: datetime) -> None:
    """It is over; the caller holds it with its request. Raises WrongState and MissingInformation."""
    with lifecycle.step(item, "decline", actor=APPROVALS, remark=reason, locked_by_caller=True) as current:
        current.reason, current.since, current.ended_at = reason, at, at
