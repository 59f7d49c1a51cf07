"""The choices that describe a postmortem and its actions; its states are in `workflow`."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Requirement(TextChoices):
    """Why one has to be written."""

    SEVERITY = "severity", _("severity 1 or 2, or priority 1")
    BUDGET = "budget", _("an outage that cost a large share of an error budget")
    DATA_LOSS = "data_loss", _("data was lost")
    ROLLED_BACK = "rolled_back", _("an emergency change that was rolled back")


class ActionType(TextChoices):
    """What an action is to bring about, the next time."""

    PREVENT = "prevent", _("prevent")
    DETECT = "detect", _("detect")
    MITIGATE = "mitigate", _("mitigate")
    LEARN = "learn", _("learn")


class Source(TextChoices):
    """Where an entry of the timeline comes from."""

    PERSON = "person", _("written")
    INCIDENT = "incident", _("incident")
    NOTE = "note", _("note")
    CHANGE = "change", _("change")
    ALERT = "alert", _("alert")


MOST_FACTORS = 50
MOST_EVENTS = 1000
MOST_ACTIONS = 100
WORKING_DAYS = 5  # after the resolution
