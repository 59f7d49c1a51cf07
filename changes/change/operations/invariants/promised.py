"""What a change waits for, and must be promised while it stands so."""
# ruff: noqa: S608 -- statements of our own words

from changes.change.operations.evaluations import EVALUATE_AGAIN, EXPIRES, WATCH_OVER
from changes.change.operations.review_reminders import OVERDUE
from itsm.invariants.platform.promised import promises

_CHG = "'change', c.id, 'CHG-' || lpad(c.id::text, 5, '0')"


def register() -> None:
    """Called once, at start."""
    promises(
        EXPIRES,
        f"SELECT {_CHG} FROM changes_evaluation e JOIN changes_change c ON c.id = e.change_id"
        " WHERE e.status = 'approved' AND e.used_at IS NULL",
    )
    promises(
        EVALUATE_AGAIN,
        f"SELECT {_CHG} FROM changes_evaluation e JOIN changes_change c ON c.id = e.change_id"
        " WHERE e.status = 'pending' AND e.outcome = 'postponed' AND e.not_before IS NOT NULL",
    )
    promises(
        WATCH_OVER,
        f"SELECT {_CHG}, d.watched_until FROM changes_deployment d JOIN changes_change c ON c.id = d.change_id"
        " WHERE d.watch = '' AND d.watched_until > %(at)s AND c.status IN ('reviewing', 'closed')",
        until=True,
    )
    promises(
        OVERDUE,
        f"SELECT {_CHG}, c.review_due_at FROM changes_change c"
        " WHERE c.review_due_at IS NOT NULL AND c.reviewed_at IS NULL",
        until=True,
    )
