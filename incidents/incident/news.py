"""Which news of incidents reach whom by themselves. Everybody may wish otherwise; clocks add theirs (`sla.news`)."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("incident.answered", _("The desk answers"), "caller"),
    Rule("incident.answered", _("The desk answers"), "watcher"),
    Rule("incident.resolved", _("It is resolved"), "caller"),
    Rule("incident.resolved", _("It is resolved"), "watcher"),
    Rule("incident.cancelled", _("It is cancelled"), "caller"),
    Rule("incident.cancelled", _("It is cancelled"), "watcher"),
    Rule("incident.merged", _("It is merged into another"), "caller"),
    Rule("incident.merged", _("It is merged into another"), "watcher"),
    Rule("incident.caller_answered", _("The caller answers"), "assignee"),
    Rule("incident.caller_answered", _("The caller answers"), "team"),
    Rule("incident.caller_answered", _("The caller answers"), "watcher"),
    Rule("incident.reopened", _("It is reopened"), "assignee"),
    Rule("incident.reopened", _("It is reopened"), "team"),
    Rule("incident.reopened", _("It is reopened"), "watcher"),
    Rule("incident.assigned", _("I am given it to work on"), "assignee"),
    Rule("incident.task_given", _("I am given a task"), "assignee"),
    Rule("incident.task_given", _("I am given a task"), "team", default="daily"),
    Rule("incident.mail_bounced", _("Mail about it does not arrive"), "assignee"),
    Rule("incident.mail_bounced", _("Mail about it does not arrive"), "team", default="daily"),
    Rule("incident.raised", _("An alert opens one"), "team", pages=True),
    # Its words are for the desk: no rule for the caller, and none for who watches.
    Rule("incident.escalated", _("It is escalated"), "assignee", pages=True),
    Rule("incident.escalated", _("It is escalated"), "team", pages=True),
    Rule("incident.escalated", _("It is escalated"), "lead", duty=True, pages=True),
    Rule("incident.closing_waits", _("It cannot be closed yet"), "assignee"),
    Rule("incident.closing_waits", _("It cannot be closed yet"), "lead", default="daily"),
)
