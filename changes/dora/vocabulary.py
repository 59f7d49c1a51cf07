"""The words of the five measures."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Measure(models.TextChoices):
    """DORA's five, as the State of DevOps reports name them."""

    LEAD_TIME = "lead_time", _("Lead time")
    DEPLOYMENT_FREQUENCY = "deployment_frequency", _("Deployment frequency")
    CHANGE_FAIL_RATE = "change_fail_rate", _("Change fail rate")
    RECOVERY_TIME = "recovery_time", _("Failed deployment recovery")
    REWORK_RATE = "rework_rate", _("Rework rate")


class Because(models.TextChoices):
    """Why a deployment counts as failed. That it was the last one before something went wrong is no reason."""

    FAILED = "failed", _("it failed as it was deployed")
    ROLLED_BACK = "rolled_back", _("it was rolled back")
    UNSUCCESSFUL = "unsuccessful", _("its change was closed as unsuccessful")
    INCIDENT = "incident", _("an incident names it as its cause")
    DEBIT = "debit", _("it cost more of the budget than was reserved")
