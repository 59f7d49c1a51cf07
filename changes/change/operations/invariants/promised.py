"""What a change waits for, and must be promised while it stands so."""
# ruff: noqa: S608 -- statements of our own words

from django.utils.translation import gettext_lazy as _

from changes.change.operations import lasting, lockdowns, overriding, review_reminders, shadowing
from changes.change.operations.evaluations import EVALUATE_AGAIN, EXPIRES, PEOPLE_IN_TIME, WATCH_OVER
from changes.change.operations.review_reminders import OVERDUE
from itsm.invariants.platform.owed import taken_in
from itsm.invariants.platform.promised import promises, says_nothing, watched_by

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
    promises(
        review_reminders.AHEAD,
        f"SELECT {_CHG}, c.review_due_at - interval '1 day' FROM changes_change c"
        " WHERE c.review_due_at IS NOT NULL AND c.reviewed_at IS NULL",
        until=True,
    )
    promises(
        PEOPLE_IN_TIME,
        f"SELECT {_CHG}, max(r.due_at) FROM changes_evaluation e JOIN changes_change c ON c.id = e.change_id"
        " JOIN approvals_approvalrequest r ON r.record_kind = 'change' AND r.record_id = c.id AND r.status = 'open'"
        " WHERE e.status = 'pending' GROUP BY c.id",
        until=True,
    )
    promises(
        lasting.HELD,
        f"SELECT {_CHG} FROM changes_evaluation e JOIN changes_change c ON c.id = e.change_id"
        " WHERE e.status = 'approved' AND e.used_at IS NULL AND e.held IS NOT NULL AND e.held_at IS NOT NULL",
    )
    promises(
        overriding.REVIEW,
        f"SELECT {_CHG}, o.review_due_at FROM changes_override o JOIN changes_change c ON c.id = o.change_id"
        " WHERE c.reviewed_at IS NULL",
        until=True,
    )
    promises(
        shadowing.RULES_SOON,
        "SELECT 'service', s.id, s.slug, g.until - interval '3 days' FROM changes_gateshadow g"
        " JOIN catalog_service s ON s.id = g.service_id WHERE g.ended_at IS NULL"
        " AND g.until - interval '3 days' > g.began_at",
        until=True,
    )
    _of_lockdowns()
    says_nothing(lasting.ENDS_SOON, "A notice an hour ahead of an end, which is promised and re-derived.")
    says_nothing("request_change_ended", "Who waits for the task sees the change there; it is told once it ended.")
    watched_by("deliveries: apply what came", "platform_deliveries")
    taken_in(
        "platform_deliveries",
        "platform_delivery",
        "changes_platformdelivery",
        undone=_("%(reference)s came from a delivery platform and nothing became of it for five minutes."),
    )
    experiment = (
        "SELECT 'chaos_experiment', x.id, 'CHG-' || lpad(x.change_id::text, 5, '0') FROM changes_chaosexperiment x"
    )
    promises(
        "changes.watch_experiment",
        f"{experiment} JOIN changes_change c ON c.id = x.change_id WHERE c.status = 'running'",
    )
    promises(
        "changes.experiment_unconfirmed",
        "SELECT 'chaos_experiment', x.id, 'CHG-' || lpad(x.change_id::text, 5, '0') FROM changes_chaosexperiment x"
        " JOIN changes_chaosabort a ON a.experiment_id = x.id WHERE a.stopped_at IS NULL AND a.paged_at IS NULL",
    )


def _of_lockdowns() -> None:
    window = "SELECT 'calendar_window', w.id, w.name, w.{at} FROM changes_calendarwindow w"
    in_force = " WHERE w.window_type = 'lockdown' AND w.status = 'enforced' AND w.rrule = ''"
    promises(lockdowns.BEGINS, window.format(at="starts_at") + in_force, until=True)
    promises(lockdowns.ENDS, window.format(at="ends_at") + in_force, until=True)
    promises(
        lockdowns.RETURNS,
        f"SELECT {_CHG} FROM changes_lockdownhold h JOIN changes_change c ON c.id = h.change_id"
        " JOIN changes_calendarwindow w ON w.id = h.window_id WHERE h.ended_at IS NULL AND w.status = 'lifted'",
    )
