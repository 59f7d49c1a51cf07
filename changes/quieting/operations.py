"""What follows for alerts from where a change stands. One without a window plans no quiet: it would have no end."""

from datetime import datetime

from django.utils.translation import gettext

from changes.change.models import Change
from changes.change.workflow import Status
from changes.quieting.queries import services_of
from incidents.alerts_in.operations import quiets


def follow(change: Change, *, at: datetime) -> None:
    """Plan, begin or end its quiet, in the transaction that moved it. Raises nothing."""
    match change.status:
        case Status.SCHEDULED if change.window is not None and change.window[1] > at:
            begins, ends = change.window
            quiets.plan(
                change_reference=change.reference, services=services_of(change), environment=change.environment,
                starts_at=max(begins, at), ends_at=ends,
            )  # fmt: skip
        case Status.RUNNING:
            quiets.activate(change.reference, at=change.started_at or at)
        case Status.SCHEDULED:
            quiets.end_soon(change.reference, gettext("the change has no window any more"), at=at)
        case Status.REVIEWING | Status.CLOSED:
            quiets.end_soon(change.reference, gettext("the change is done"), at=at)
        case Status.CANCELLED:
            quiets.end_soon(change.reference, gettext("the change was cancelled"), at=at)
        case _:
            quiets.end_soon(change.reference, gettext("the change is not approved any more"), at=at)
