"""What the calendar means for changes: what closes takes back unused approvals, what is lifted is looked at again."""

from datetime import datetime

from django.utils.translation import gettext

from changes.calendar.models import CLOSING, CalendarWindow
from changes.change.models import Evaluation
from changes.change.operations.evaluations import GATE, end, look_again, unused_without_people
from changes.change.queries.closures import closing_now


def follow_closed(window: CalendarWindow, *, at: datetime) -> None:
    """In the transaction that adds the window, under the calendar's lock: nobody is approved meanwhile."""
    if window.window_type not in CLOSING:
        return
    for evaluation in list(unused_without_people()):
        if closing_now(evaluation.change, evaluation, at) is not None:
            end(
                evaluation,
                actor=GATE,
                status=Evaluation.Status.EXPIRED,
                why=gettext("the calendar closed: %(name)s") % {"name": window.name},
                at=at,
            )


def follow_lifted(*, at: datetime) -> None:
    """What it postponed is judged again."""
    look_again(at)
