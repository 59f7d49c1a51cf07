"""The P1 of an invariant that does not hold, and what incidents must be promised while they stand as they do."""

from datetime import datetime

from incidents.incident.models import AlertOrigin
from incidents.incident.operations.alerting import incident_for
from incidents.incident.operations.steps import HOLD_ENDS
from incidents.incident.vocabulary import Priority
from itsm.invariants.platform.promised import promises, says_nothing
from itsm.kernel.actors import Actor

AUDITOR = Actor.system("auditor")


def open_one(title: str, description: str, key: str, at: datetime) -> str:
    """The incident of this key, while it is open; else a new one, of priority 1. Its reference. Raises nothing."""
    found = incident_for(
        actor=AUDITOR, service=None, environment="", key=key, origin=AlertOrigin.ALERT, title=title,
        description=description, priority=Priority.CRITICAL, source_key=f"{key}:{at.isoformat()}", at=at, apart=True,
    )  # fmt: skip
    return found.incident.reference


def register_promises() -> None:
    """Called once, at start."""
    incident = "SELECT 'incident', i.id, 'INC-' || lpad(i.id::text, 5, '0') FROM incidents_incident i"
    promises(HOLD_ENDS, f"{incident} WHERE i.status = 'on_hold' AND i.hold_until IS NOT NULL")
    says_nothing("incident_auto_close", "What was imported as resolved, or major when it was, is closed by people.")
    says_nothing("incident_joined", "Who holds it is told of another member; the member is on its page.")
