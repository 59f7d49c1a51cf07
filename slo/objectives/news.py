"""Which news of error budgets reach whom by themselves. What burns fast opens an incident, which tells its own."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("objective.burns_slowly", _("An error budget of my team burns slowly"), "team", pages=True),
    Rule("correction.asked", _("Somebody asks to leave a period out of an error budget"), "approver"),
)
