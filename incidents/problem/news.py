"""Which news of problems reach whom by themselves. Everybody may wish otherwise."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("problem.proposed", _("A problem is proposed"), "team", default="daily"),
    Rule("problem.assigned", _("I am given it to own"), "assignee"),
    Rule("problem.task_given", _("I am given a task"), "assignee"),
    Rule("problem.fix_closed", _("The change that fixes it is over"), "assignee"),
    Rule("problem.recurred", _("It came back after it was closed"), "assignee"),
    Rule("problem.recurred", _("It came back after it was closed"), "team", default="daily"),
    Rule("problem.review_due", _("An accepted risk is to be looked at again"), "assignee"),
    Rule("problem.review_due", _("An accepted risk is to be looked at again"), "lead", duty=True),
)
