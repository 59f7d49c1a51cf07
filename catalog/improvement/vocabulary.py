"""Choices of improvements in words."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

# What was done needs time to show: the same is measured again no sooner.
SHOWS_AFTER = timedelta(days=14)


class Status(models.TextChoices):
    IDEA = "idea", _("Idea")
    ACCEPTED = "accepted", _("Accepted")
    DOING = "doing", _("Doing")
    MEASURING = "measuring", _("Measuring")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


OPEN = (Status.IDEA, Status.ACCEPTED, Status.DOING, Status.MEASURING)
SCALE = [
    (1, _("1 – very little")), (2, _("2 – little")), (3, _("3 – some")), (4, _("4 – much")), (5, _("5 – very much")),
]  # fmt: skip
