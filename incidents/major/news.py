"""Which news of major incidents reach whom by themselves. Everybody may wish otherwise, but for what is a duty."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("major.proposed", _("A major incident is proposed, and I may decide"), "approver", duty=True),
    Rule("major.unanswered", _("Nobody decided about a proposed major incident"), "approver", duty=True, pages=True),
    Rule("major.accepted", _("An incident became a major one"), "team"),
    Rule("major.appointed", _("I am given a part in a major incident"), "assignee", duty=True),
    Rule("major.task_given", _("I am given a task"), "assignee"),
    Rule("major.updated", _("An update of a major incident"), "watcher"),
    Rule("major.ended", _("A major incident is over, or is none"), "watcher"),
    Rule("major.late", _("An update is overdue"), "assignee", duty=True, pages=True),
)
