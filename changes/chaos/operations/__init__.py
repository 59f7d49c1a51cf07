"""What is done about experiments: planned, watched while they run, stopped, concluded."""

from changes.chaos.operations.aborting import CHANNEL, UNCONFIRMED, abort, call_hook, confirm_stopped, page_unconfirmed
from changes.chaos.operations.concluding import conclude, open_finding
from changes.chaos.operations.planning import plan_experiment
from changes.chaos.operations.watching import WATCH, follow_run, watch

__all__ = [
    "CHANNEL",
    "UNCONFIRMED",
    "WATCH",
    "abort",
    "call_hook",
    "conclude",
    "confirm_stopped",
    "follow_run",
    "open_finding",
    "page_unconfirmed",
    "plan_experiment",
    "watch",
]
