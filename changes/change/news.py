"""Which news of changes, boards and models reach whom by themselves. What asks for a word is told by approvals."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("change.decided", _("A change of mine is approved or declined"), "caller"),
    Rule("change.waits", _("A change of mine waits for others now"), "caller"),
    Rule("change.stopped", _("A change of mine is held, put on hold, or back to draft"), "caller"),
    Rule("change.roll_back", _("A change of mine should be rolled back: its service burns"), "caller", duty=True),
    Rule("change.goes_on", _("A change of mine may start: what held it has passed"), "caller"),
    Rule("change.approval_ends", _("The approval of a change of mine ends"), "caller"),
    Rule("change.review_due", _("A review of a change is due"), "assignee"),
    Rule("change.review_due", _("A review of a change is due"), "owner"),
    Rule("change.task_given", _("I am given a task of a change"), "assignee"),
    Rule("change.overridden", _("A change goes by override"), "owner", duty=True),
    Rule("change_model.suspended", _("A model that I use is suspended"), "caller"),
    Rule("change_model.ends", _("A model that I approved has to be certified again"), "owner"),
    Rule("meeting.moved", _("A meeting of my board is planned, moved, cancelled or written up"), "approver"),
)
