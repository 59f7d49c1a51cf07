"""Words of on-call schedules."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.oncall.engine import values


class Unit(models.TextChoices):
    HOURS = values.Unit.HOURS.value, _("hours")
    DAYS = values.Unit.DAYS.value, _("days")
    WEEKS = values.Unit.WEEKS.value, _("weeks")


class Count(models.TextChoices):
    CALENDAR = values.Count.CALENDAR.value, _("every turn")
    COVERED = values.Count.COVERED.value, _("turns that the hours leave something of")


class Source(models.TextChoices):
    LAYER = values.Source.LAYER.value, _("rotation")
    OVERRIDE = values.Source.OVERRIDE.value, _("override")
    SWAP = values.Source.SWAP.value, _("swap")
    GAP = values.Source.GAP.value, _("gap")


class SwapStatus(models.TextChoices):
    ASKED = "asked", _("asked")
    TAKEN = "taken", _("taken")
    GIVEN_BACK = "given_back", _("given back")
    VOID = "void", _("void")


MAX_LAYERS = 12
MAX_SLOTS = 100  # turns of a rotation
MAX_IN_SLOT = 8
MAX_STRETCHES = 21
MAX_LENGTH = 366  # of a turn, in its unit
