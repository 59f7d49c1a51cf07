"""What is counted, and by what it is told apart."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Measure(TextChoices):
    """Exact definitions stand in `queries.measures`."""

    OPENED = "opened", _("opened")
    RESOLVED = "resolved", _("resolved")
    BACKLOG = "backlog", _("backlog")
    REOPENED = "reopened", _("reopened")
    REASSIGNED = "reassigned", _("reassigned")
    ESCALATED = "escalated", _("escalated")
    CAUSED_BY_CHANGE = "caused_by_change", _("caused by a change")
    SLA_MET = "sla_met", _("agreement met")
    SLA_BREACHED = "sla_breached", _("agreement breached")


class Group(TextChoices):
    """By what the numbers of a report are told apart."""

    TEAM = "team", _("team")
    PRIORITY = "priority", _("priority")
    SERVICE = "service", _("service")


class Age(TextChoices):
    """How long what is open has been so, in days of 24 hours: at least the first number, below the second."""

    DAY = "0-1", _("up to 1 day")
    DAYS = "1-3", _("1 to 3 days")
    WEEK = "3-7", _("3 to 7 days")
    MONTH = "7-30", _("7 to 30 days")
    LONGER = "30-", _("30 days and more")
