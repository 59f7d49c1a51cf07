"""Words of capacity."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    """On which side of its limit a measure must stay."""

    BELOW = "below", _("must stay below")
    ABOVE = "above", _("must stay above")


class Fold(models.TextChoices):
    """How the points of one step become one value."""

    MAX = "max", _("the highest")
    MEAN = "mean", _("the mean")
    P95 = "p95", _("the 95th percentile")


class Step(models.TextChoices):
    HOUR = "hour", _("an hour")
    DAY = "day", _("a day")


LENGTHS = {Step.HOUR: timedelta(hours=1), Step.DAY: timedelta(days=1)}
KEPT_DAYS = 400
MAX_POINTS = 5_000  # that are taken at once
MOST = 1e30  # of a value or a limit, either way: what is reckoned from it stays a finite number
CALM_DAYS = 7  # without a limit in sight, after which a warning is taken back
RETIRED_COUNTS_DAYS = 90  # that a measure is missed which somebody retired who is judged by it
MAX_AHEAD = {Step.HOUR: 24 * 14, Step.DAY: 365}  # steps that a forecast looks ahead
HISTORY = {
    "created": _("added this measure"),
    "retired": _("retired it"),
    "revived": _("brought it back"),
    "points_taken": _("sent points"),
    "runs_out": _("warned that its limit may be near"),
    "calm": _("took the warning back: the limit is out of sight"),
}
