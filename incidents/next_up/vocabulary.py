"""The bands of urgency in words, the most urgent first."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Band(models.IntegerChoices):
    GRAVE = 1, _("major, or of the highest priority")
    BREACHED = 2, _("its time ran out")
    WARNED = 3, _("its time is running out")
    CALLER_SPOKE = 4, _("the caller spoke last")
    DUE_TODAY = 5, _("due today")
    REST = 6, _("everything else")
