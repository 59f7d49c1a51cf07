"""Series: what objectives add up, one row per hour with running sums, and the periods that count.

A series is either an indicator's own samples or slices evaluated from them (`slo.engine.methods`).
The layout and its arithmetic are those of `slo.engine.prefix`; the database function `slo_prefix`
reads it for every query.
"""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.audit.triggers import Guard
from slo.engine.methods import SLICE_MINUTES
from slo.measuring.vocabulary import METHODS


class Series(models.Model):
    """One running pair of counters. Objectives that evaluate the same indicators alike share it.

    `key` spells out its definition, so that it exists once. `unit` of one event or slice:
    `slo.engine.methods.UNIT`.
    """

    key = models.TextField(_("key"), unique=True)
    method = models.CharField(_("method"), max_length=20, choices=METHODS)
    step_minutes = models.PositiveSmallIntegerField(_("minutes of a slice"), default=1)
    # The first minute (since 1970) with a sample: what lies before it is not missing.
    began_minute = models.BigIntegerField(_("first minute"), null=True)
    # Hours before this one are kept by the day: they take no more late samples.
    thinned_hour = models.IntegerField(_("kept by the day before"), null=True)
    # Counts the writes that were not simply the next minute: a budget remembers which it has seen.
    revision = models.IntegerField(_("revision"), default=0, db_default=0)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints = [
            models.CheckConstraint(name="slices_divide_the_hour", condition=Q(step_minutes__in=SLICE_MINUTES)),
        ]

    def __str__(self) -> str:
        return self.key


class SeriesMember(models.Model):
    """An indicator that feeds a series, with its own target of a good slice and its weight."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="members", db_index=False)
    indicator = models.ForeignKey("slo.Indicator", models.CASCADE, related_name="feeds")
    time_slice_target_ppb = models.BigIntegerField(_("slice target (billionths)"), default=0)
    weight_ppm = models.BigIntegerField(_("weight (millionths)"), default=1_000_000)

    class Meta:
        verbose_name = _("member of a series")
        verbose_name_plural = _("members of series")
        constraints = [
            models.UniqueConstraint(fields=["series", "indicator"], name="one_member_per_series_and_indicator"),
        ]

    def __str__(self) -> str:
        return f"indicator {self.indicator_id} in series {self.series_id}"


THE_LIVE_HOUR_IS_THE_NEWEST = Guard(
    name="the_live_hour_is_the_newest",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    level=pgtrigger.Statement,
    referencing=pgtrigger.Referencing(new="fresh"),
    func="""
    IF EXISTS (
      SELECT FROM fresh f JOIN slo_hourcounts h ON h.series_id = f.series_id AND h.live AND h.hour <= f.hour
      WHERE NOT f.live
    ) OR EXISTS (
      SELECT FROM fresh f JOIN slo_hourcounts h ON h.series_id = f.series_id AND NOT h.live AND h.hour >= f.hour
      WHERE f.live
    ) THEN
      RAISE EXCEPTION 'the hour that is being filled is the newest of its series' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
    """,
)


class HourCounts(models.Model):
    """Sixty minutes of one series. `hour` counts from 1970 UTC.

    `bad[i]` and `total[i]` are what the hour holds up to and including minute i; the bases are what
    all hours before it hold; bit i of `valid` says that minute i has a sample. The narrow arrays
    hold what fits four bytes, the wide ones the rest; no array stands for zeros only. What is older
    than the windows by the minute is kept as one row without arrays per day. The newest hour of a
    series is `live`, in a small part of the table of its own; it is moved when a newer one begins.
    """

    pk = models.CompositePrimaryKey("series_id", "hour")
    series = models.ForeignKey(Series, models.CASCADE, related_name="hours", db_index=False)
    hour = models.IntegerField(_("hour"))
    base_valid = models.IntegerField(_("minutes with a sample before"), default=0)
    base_bad = models.BigIntegerField(_("bad before"), default=0)
    base_total = models.BigIntegerField(_("total before"), default=0)
    valid = models.BigIntegerField(_("minutes with a sample"))
    revision = models.IntegerField(_("revision"), default=1)
    live = models.BooleanField(_("is being filled"), default=False)
    bad = ArrayField(models.IntegerField(), size=60, null=True, verbose_name=_("running bad"))
    total = ArrayField(models.IntegerField(), size=60, null=True, verbose_name=_("running total"))
    wide_bad = ArrayField(models.BigIntegerField(), size=60, null=True, verbose_name=_("running bad, large"))
    wide_total = ArrayField(models.BigIntegerField(), size=60, null=True, verbose_name=_("running total, large"))

    class Meta:
        verbose_name = _("hour of measurements")
        verbose_name_plural = _("hours of measurements")
        triggers = [THE_LIVE_HOUR_IS_THE_NEWEST]
        constraints = [
            models.CheckConstraint(
                name="an_hour_has_sixty_running_sums",
                condition=(Q(bad=None) | Q(bad__len=60, wide_bad=None))
                & (Q(total=None) | Q(total__len=60, wide_total=None))
                & (Q(wide_bad=None) | Q(wide_bad__len=60))
                & (Q(wide_total=None) | Q(wide_total__len=60)),
            ),
        ]

    def __str__(self) -> str:
        return f"hour {self.hour} of series {self.series_id}"
