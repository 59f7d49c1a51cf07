"""Words for software agents, with their tones on pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    ACTIVE = "active", _("Active")
    STOPPED = "stopped", _("Stopped")
    ENDED = "ended", _("Ended")


TONES = {State.ACTIVE: "green", State.STOPPED: "red", State.ENDED: "grey"}
