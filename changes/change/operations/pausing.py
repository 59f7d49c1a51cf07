"""On hold: it waits for something else. What it held is given back, its place is kept; resumed, the gate is asked anew.

Its place is its number's: who asked earlier is judged earlier, and it counts among those who wait as soon as it does.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from changes.change.models import Change, Evaluation
from changes.change.operations.asking import ask_anew, locked_to_ask
from changes.change.operations.disinterest import is_own, require_own_or_no_interest
from changes.change.operations.evaluations import end_locked, live_evaluation
from changes.change.operations.lasting import people_of
from changes.change.workflow import NORMAL
from itsm import lifecycle
from itsm.audit.recording import together
from itsm.kernel.actors import Actor
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _


@NORMAL.takes("hold")
@transaction.atomic
def put_on_hold(change: Change, *, actor: Actor, at: datetime, hold_reason: str) -> Change:
    """What waits or may go waits for something else from now on; whoever asked for it is told by whom and why.

    Raises WrongState, NotPermitted (somebody else's change, by who has a stake there), MissingInformation.
    """
    change = lifecycle.locked(change)
    change.workflow.begin("hold", actor, change)
    require_own_or_no_interest(change, actor, doing=gettext("put the change of somebody else on hold"))

    def describe() -> None:
        change.hold_reason, change.held_at = hold_reason.strip(), at

    live = live_evaluation(change)
    if live is None:
        with lifecycle.step(change, "hold", actor=actor, remark=hold_reason, locked_by_caller=True):
            describe()
            change.authorised_until = None
        return change
    evaluation = Evaluation.objects.select_for_update(of=("self",), no_key=True).get(pk=live.pk)
    cancelled = Evaluation.Status.CANCELLED
    why = gettext("put on hold: %(why)s") % {"why": hold_reason}
    end_locked(evaluation, change, actor=actor, status=cancelled, why=why, at=at, action="hold", describe=describe)
    if not is_own(change, actor):
        words = {"change": change.reference, "who": actor.name}
        notify(
            people_of(change),
            _("%(change)s was put on hold by %(who)s") % words,
            body=hold_reason,
            path=change.get_absolute_url(),
            record=change,
            by=("change.stopped", "caller"),
        )
    return change


@NORMAL.takes("resume")
@transaction.atomic
@together()
def resume(change: Change, *, actor: Actor, at: datetime) -> Change:
    """The gate is asked anew, with what the last request said of itself, and judges as things stand now.

    Raises WrongState, NotPermitted (somebody else's change, by who has a stake there), InvalidInput (its window is over
    meanwhile) and MissingInformation.
    """
    budgets, change = locked_to_ask(change, at)
    change.workflow.begin("resume", actor, change)
    require_own_or_no_interest(change, actor, doing=gettext("resume the change of somebody else"))

    def describe() -> None:
        change.hold_reason, change.held_at = "", None

    ask_anew(change, "resume", budgets, actor=actor, at=at, describe=describe)
    return change
