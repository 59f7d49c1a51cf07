"""What is done about deployments: recorded as told by any door, matched to their authorisation, reconciled."""

from changes.delivery.operations.of_the_gate import follow_run
from changes.delivery.operations.recording import record_event

__all__ = ["follow_run", "record_event"]
