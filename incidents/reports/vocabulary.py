"""What is counted, by what it is told apart, and in which steps of time."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Measure(TextChoices):
    """Exact definitions stand in `queries.measures`, in words in `definitions`."""

    TOTAL = "total", _("all, merged ones too")
    OPENED = "opened", _("opened")
    RESOLVED = "resolved", _("resolved")
    BACKLOG = "backlog", _("backlog")
    MTTA = "mtta", _("time to acknowledge")
    FIRST_RESPONSE = "first_response", _("time to first response")
    MTTR = "mttr", _("time to resolve")
    FCR = "fcr", _("solved at first contact")
    REOPENED = "reopened", _("reopened")
    REASSIGNED = "reassigned", _("reassigned")
    ESCALATED = "escalated", _("escalated")
    CAUSED_BY_CHANGE = "caused_by_change", _("caused by a change")
    TIME_WORKED = "time_worked", _("time worked")
    SLA_MET = "sla_met", _("resolved in time")
    SLA_BREACHED = "sla_breached", _("resolved late")
    SLA_BY_CHANGE = "sla_by_change", _("resolved late by a new target")
    RESPONSE_MET = "response_met", _("first response in time")
    RESPONSE_BREACHED = "response_breached", _("first response late")
    RESPONSE_BY_CHANGE = "response_by_change", _("first response late by a new target")
    UPDATE_MET = "update_met", _("updated in time")
    UPDATE_BREACHED = "update_breached", _("updated late")
    UPDATE_BY_CHANGE = "update_by_change", _("updated late by a new target")


class Group(TextChoices):
    """By what the numbers of a report are told apart."""

    TEAM = "team", _("team")
    PRIORITY = "priority", _("priority")
    SERVICE = "service", _("service")
    STATE = "state", _("state")
    CHANNEL = "channel", _("channel")
    ASSIGNED = "assigned", _("person")


class Bucket(TextChoices):
    """Local days, weeks from Monday, or months of the zone that is shown."""

    DAY = "day", _("by day")
    WEEK = "week", _("by week")
    MONTH = "month", _("by month")


class Age(TextChoices):
    """How long what is open has been so, in days of 24 hours: more than the first number, at most the second."""

    DAY = "0-1", _("up to 1 day")
    DAYS = "1-3", _("up to 3 days")
    WEEK = "3-7", _("up to 7 days")
    MONTH = "7-30", _("up to 30 days")
    LONGER = "30-", _("more than 30 days")


class Span(TextChoices):
    """A period by its name, as seen from today."""

    YESTERDAY = "yesterday", _("yesterday")
    LAST_WEEK = "last_week", _("last week")
    LAST_MONTH = "last_month", _("last month")
    THIS_MONTH = "this_month", _("this month")
    DAYS_30 = "30_days", _("the last 30 days")
    DAYS_90 = "90_days", _("the last 90 days")
    ALL_TIME = "all_time", _("all time")


class Every(TextChoices):
    """How often a report is sent."""

    DAY = "day", _("each morning")
    WEEK = "week", _("each Monday")
    MONTH = "month", _("each first of a month")
