"""Which news of clocks reach whom by themselves."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("incident.sla_warned", _("Its time runs short"), "assignee"),
    Rule("incident.sla_warned", _("Its time runs short"), "team"),
    Rule("incident.sla_breached", _("It is overdue"), "assignee"),
    Rule("incident.sla_breached", _("It is overdue"), "team"),
    Rule("incident.sla_still_overdue", _("It is still overdue, by a level of its agreement"), "assignee"),
    Rule("incident.sla_still_overdue", _("It is still overdue, by a level of its agreement"), "team"),
    Rule("incident.sla_still_overdue", _("It is still overdue, by a level of its agreement"), "lead", duty=True),
)
