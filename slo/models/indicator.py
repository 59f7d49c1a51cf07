"""Indicators (SLIs) and their measurements, kept as one row per hour with running sums.

The layout and its arithmetic are those of `slo.engine.prefix`; the database function `slo_prefix`
reads it for the evaluation.
"""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import slug_shape
from itsm.kernel.actors import Actor
from slo import policies


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, actor: Actor) -> Self:
        return self if policies.readers(actor) else self.none()


class Indicator(models.Model):
    """Good events out of all events, per minute: pushed by its source or pulled from Prometheus."""

    kind = "indicator"

    class Source(models.TextChoices):
        PUSH = "push", _("pushed to the API")
        PROMETHEUS = "prometheus", _("pulled from Prometheus")

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    source = models.CharField(_("source"), max_length=20, choices=Source, default=Source.PUSH)
    server_url = models.CharField(_("Prometheus address"), max_length=300, blank=True)
    good_query = models.TextField(_("good events per minute (PromQL)"), max_length=4000, blank=True)
    total_query = models.TextField(_("all events per minute (PromQL)"), max_length=4000, blank=True)
    # The end (exclusive, epoch minute) of what was pulled; null asks for the whole window again.
    pulled_until = models.BigIntegerField(_("pulled until"), null=True, editable=False)
    last_pull_at = models.DateTimeField(_("last pull"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(
                name="only_a_pulled_indicator_has_queries",
                condition=Q(source="push", server_url="", good_query="", total_query="")
                | (Q(source="prometheus") & ~Q(server_url="") & ~Q(good_query="") & ~Q(total_query="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug


class SliceHour(models.Model):
    """Sixty minutes of one indicator. Counts are thousandths of an event; `hour` counts from 1970 UTC.

    `bad[i]` and `total[i]` are what the hour holds up to and including minute i; the bases are what
    all hours before it hold; bit i of `valid` says that minute i has a sample.
    """

    pk = models.CompositePrimaryKey("indicator_id", "hour")
    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="hours", db_index=False)
    hour = models.IntegerField(_("hour"))
    base_valid = models.IntegerField(_("minutes with a sample before"), default=0)
    base_bad = models.BigIntegerField(_("bad before"), default=0)
    base_total = models.BigIntegerField(_("total before"), default=0)
    valid = models.BigIntegerField(_("minutes with a sample"))
    revision = models.IntegerField(_("revision"), default=1)
    bad = ArrayField(models.BigIntegerField(), size=60, verbose_name=_("running bad"))
    total = ArrayField(models.BigIntegerField(), size=60, verbose_name=_("running total"))

    class Meta:
        verbose_name = _("hour of measurements")
        verbose_name_plural = _("hours of measurements")
        constraints = [
            models.CheckConstraint(
                name="an_hour_has_sixty_running_sums", condition=Q(bad__len=60, total__len=60, valid__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"hour {self.hour} of indicator {self.indicator_id}"
