"""The words of the ledger."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FailedBy(models.TextChoices):
    """Why a run counts as one that failed; the first that fits."""

    NOTHING = "", _("nothing")
    ROLLED_BACK = "rolled_back", _("it was rolled back, or failed as it was deployed")
    INCIDENT = "incident", _("an incident names it as its cause")
    DEBIT = "debit", _("it cost more than was reserved for it")


class SumBy(models.TextChoices):
    """By what the costs of changes are summed up."""

    SERVICE = "service", _("service")
    TEAM = "team", _("team")
    MODEL = "model", _("model of standard changes")
    AUTHOR = "author", _("author")
