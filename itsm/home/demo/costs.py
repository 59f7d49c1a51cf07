"""What the demo's changes cost: reckoned once they have happened, as it is each minute of a living company."""

from datetime import datetime

from changes.change.queries.listing import listed
from changes.ledger.operations.following import note_cost
from changes.ledger.operations.reckoning import reckon
from itsm.home.demo.company import FOUNDER


def reckon_past(at: datetime) -> int:
    """Of every change that ran. How it was closed stands as its people said: the page shows where that differs."""
    ran = list(listed(FOUNDER).filter(started_at__isnull=False).order_by("pk"))
    for change in ran:
        reckon(change, at=at)
    for change in ran:
        note_cost(change, at)
    return len(ran)
