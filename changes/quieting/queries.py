"""What the quiet of a change would have hidden in the last seven days, and how it stands."""

from datetime import datetime

from changes.change.models import Change
from incidents.alerts_in.queries.hidden import Preview, hidden
from itsm.kernel.actors import Actor


def services_of(change: Change) -> list[int]:
    """Those that it says it changes, and those that it takes out; not what depends on them."""
    return sorted({change.service_id, *change.outage_services})


def preview(actor: Actor, change: Change, *, at: datetime) -> Preview:
    """For exactly its services in its environment. Two queries."""
    return hidden(actor, services_of(change), change.environment, at=at)
