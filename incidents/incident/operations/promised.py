"""What the apps about incidents promise for later, re-derived from their records: I15."""

from django.utils.translation import gettext_lazy as _

from itsm.invariants.platform.owed import taken_in
from itsm.invariants.platform.promised import promises, says_nothing, watched_by


def register() -> None:
    """Called once, at start."""
    _of_majors()
    _of_problems_and_postmortems()
    watched_by("alerts: apply what came", "alert_bodies")
    taken_in(
        "alert_bodies",
        "alert_intake",
        "incidents_alertintake",
        undone=_("%(reference)s came from a monitoring system and nothing became of it for five minutes."),
    )
    quiet = "SELECT 'quiet', q.id, q.change_reference{at} FROM incidents_quiet q WHERE q.status = 'active'"
    promises("alerts: a quiet ends", quiet.format(at=", q.ends_at"), until=True)
    promises("alerts: a quiet is held", quiet.format(at=", 'infinity'::timestamptz"), until=True)
    says_nothing("alerts: a storm goes on", "How many more there were is told again; the incident holds each of them.")
    says_nothing(
        "alerts: all of an incident have ended", "It stays open until people resolve it: nothing is hidden by it."
    )
    promises(
        "report_is_sent",
        "SELECT 'report_mail', m.id, 'report ' || m.report_id, 'infinity'::timestamptz FROM incidents_reportmail m",
        until=True,
    )


def _of_majors() -> None:
    major = "SELECT 'major', m.id, 'major ' || m.id, {at} FROM incidents_major m"
    running = " WHERE m.status IN ('live', 'mitigated') AND m.next_update_at IS NOT NULL"
    promises(
        "major_unanswered",
        major.format(at="m.proposed_at + interval '5 minutes'")
        + " WHERE m.status = 'proposed' AND m.unanswered_at IS NULL",
        until=True,
    )
    promises("major_update_overdue", major.format(at="m.next_update_at + interval '5 minutes'") + running, until=True)
    promises(
        "major_update_long_overdue", major.format(at="m.next_update_at + interval '15 minutes'") + running, until=True
    )


def _of_problems_and_postmortems() -> None:
    problem = "SELECT 'problem', p.id, 'PRB-' || lpad(p.id::text, 5, '0'), {at} FROM incidents_problem p"
    promises(
        "problem_is_quiet",
        problem.format(at="p.resolved_at + interval '14 days'") + " WHERE p.status = 'resolved'",
        until=True,
    )
    promises(
        "problem_risk_review",
        problem.format(at="p.risk_review_at") + " WHERE p.status = 'closed' AND p.close_code = 'risk_accepted'",
        until=True,
    )
    promises(
        "postmortem_overdue",
        "SELECT 'postmortem', p.id, 'PM-' || lpad(p.id::text, 5, '0'), p.due_at FROM incidents_postmortem p"
        " WHERE p.status IN ('draft', 'review') AND p.due_at IS NOT NULL",
        until=True,
    )
    action = (
        "SELECT 'postmortem_action', a.id, 'action ' || a.id, {at} FROM incidents_postmortemaction a"
        " WHERE a.done_at IS NULL AND a.due_at IS NOT NULL"
    )
    promises("postmortem_action_overdue", action.format(at="a.due_at"), until=True)
    says_nothing("postmortem_action_soon", "A word two days ahead of a day, whose end is promised and re-derived.")
