"""The choices that describe a problem; its states are in `workflow`."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CloseCode(TextChoices):
    """How it ended."""

    FIX_APPLIED = "fix_applied", _("fix applied")
    RISK_ACCEPTED = "risk_accepted", _("risk accepted")
    DUPLICATE = "duplicate", _("duplicate of another")
    CANCELLED = "cancelled", _("cancelled")


class Rule(TextChoices):
    """Which rule of recurrence proposed it."""

    ALIKE = "alike", _("alike incidents of one service")
    GRAVE = "grave", _("grave incidents of one service")
    BUDGET = "budget", _("outages that nobody looks into")


# What an analysis of causes is, among the tasks of a problem (`itsm.work.Task.task_kind`).
ANALYSIS = "analysis"
TASK_KINDS = (("", _("Task")), (ANALYSIS, _("Root-cause analysis")))
