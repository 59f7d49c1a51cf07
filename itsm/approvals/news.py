"""Which news of decisions reach whom by themselves. That nobody is left to decide is told whatever people wish."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("approval.asked", _("My word is asked for"), "approver"),
    Rule("approval.due_soon", _("What waits for my word is due soon"), "approver"),
    Rule("approval.passed_on", _("It waits for me now: somebody who was asked has left"), "approver"),
    Rule("approval.lacks_people", _("Too few are left who may decide: appoint others"), "approver", duty=True),
    Rule("confirmation.asked", _("A second person has to confirm"), "approver"),
    Rule("confirmation.answered", _("What I proposed is confirmed, declined or over"), "caller"),
    Rule("delegation.changed", _("I decide in somebody's place, or no longer"), "approver"),
)
