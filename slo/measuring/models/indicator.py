"""Indicators (SLIs): what is measured, and where its measurements come from."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape
from slo.engine.methods import SLICE_MINUTES
from slo.measuring import permissions


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, actor: Actor) -> Self:
        return self if permissions.readers(actor) else self.none()


class Indicator(models.Model):
    """Good events out of all events, per minute.

    A *ratio* counts both. A *threshold* compares raw values: each value that compares with the
    threshold as `op` says is one good event of one. *raw* takes a ready-made share of good events.
    """

    kind = "indicator"

    class Kind(models.TextChoices):
        RATIO = "ratio", _("good events of all events")
        THRESHOLD = "threshold", _("values against a threshold")
        RAW = "raw", _("a ready-made ratio")

    class Source(models.TextChoices):
        PUSH = "push", _("sent to the API, or as CSV")
        PROMETHEUS = "prometheus", _("pulled from Prometheus")
        UPTIME = "uptime", _("checked by Headroom")

    class Op(models.TextChoices):
        LT = "lt", "<"
        LTE = "lte", "≤"
        GT = "gt", ">"
        GTE = "gte", "≥"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    measure = models.CharField(_("measure"), max_length=10, choices=Kind, default=Kind.RATIO)
    source = models.CharField(_("source"), max_length=20, choices=Source, default=Source.PUSH)
    data_source = models.ForeignKey(
        "slo.DataSource",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("data source"),
    )
    good_query = models.TextField(_("good events per minute (PromQL)"), max_length=4000, blank=True)
    bad_query = models.TextField(_("bad events per minute (PromQL)"), max_length=4000, blank=True)
    total_query = models.TextField(_("all events per minute (PromQL)"), max_length=4000, blank=True)
    value_query = models.TextField(_("value (PromQL)"), max_length=4000, blank=True)
    # The queries give ever-growing counters; what a minute held is the difference of two readings.
    counter = models.BooleanField(_("the queries give counters"), default=False)
    op = models.CharField(_("a value is good when it is"), max_length=3, choices=Op, blank=True)
    threshold = models.DecimalField(_("threshold"), max_digits=30, decimal_places=9, null=True, blank=True)
    step_minutes = models.PositiveSmallIntegerField(_("minutes between measurements"), default=1)
    # The end (exclusive, epoch minute) of what was pulled; null asks for the whole window again.
    pulled_until = models.BigIntegerField(_("pulled until"), null=True, editable=False)
    last_pull_at = models.DateTimeField(_("last pull"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    last_warning = models.TextField(_("last warning"), blank=True, editable=False)
    # Name of a query -> the instant (RFC 3339) since which it gives no series at all.
    silent_queries = models.JSONField(_("queries that give no series"), default=dict, editable=False)
    # Sums over what is owed (`OwedPiece`), kept with it: minutes in all, and those of which nobody knows anything.
    owed_minutes = models.BigIntegerField(_("owed minutes"), default=0, editable=False)
    unanswered_minutes = models.BigIntegerField(_("unanswered minutes"), default=0, editable=False)
    # Minutes in which a part was larger than the whole by no more than skew explains, and counted as the whole.
    bounded_minutes = models.BigIntegerField(_("minutes bounded"), default=0, editable=False)
    # The oldest minute that was measured or changed late and whose outages were not looked at since.
    backfilled_from = models.BigIntegerField(_("backfilled from"), null=True, editable=False)
    # When impossible measurements were refused: the first and the last of the newest such episode.
    impossible_since = models.DateTimeField(_("impossible since"), null=True, editable=False)
    impossible_at = models.DateTimeField(_("impossible at"), null=True, editable=False)
    # The run of equal newest values (`slo.engine.trust.Run`), for indicators that compare or take values.
    value_last = models.CharField(_("newest value"), max_length=60, blank=True, default="", editable=False)
    value_newest = models.BigIntegerField(_("minute of the newest value"), default=-1, editable=False)
    value_since = models.BigIntegerField(_("the same value since"), default=-1, editable=False)
    value_samples = models.IntegerField(_("samples of the same value"), default=0, editable=False)
    value_longest = models.IntegerField(_("most samples of one value before"), default=0, editable=False)
    value_seen = models.BigIntegerField(_("values seen"), default=0, editable=False)
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
                condition=Q(
                    data_source=None, good_query="", bad_query="", total_query="", value_query="", counter=False
                )
                & ~Q(source="prometheus")
                | Q(source="prometheus", data_source__isnull=False)
                & (
                    Q(measure="ratio", value_query="")
                    & ~Q(total_query="")
                    & (Q(good_query="") & ~Q(bad_query="") | ~Q(good_query="") & Q(bad_query=""))
                    | ~Q(measure="ratio") & Q(good_query="", bad_query="", total_query="") & ~Q(value_query="")
                ),
            ),
            models.CheckConstraint(
                name="only_a_threshold_indicator_has_a_threshold",
                condition=Q(measure="threshold", threshold__isnull=False) & ~Q(op="")
                | ~Q(measure="threshold") & Q(op="", threshold=None),
            ),
            models.CheckConstraint(name="steps_divide_the_hour", condition=Q(step_minutes__in=SLICE_MINUTES)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/slos/indicators/{self.slug}/"

    @property
    def server_url(self) -> str:
        """Where its data source stands; empty for what is not pulled."""
        return self.data_source.url if self.data_source else ""


class UptimeCheck(models.Model):
    """What Headroom itself tries once in `step_minutes` of its indicator, over HTTP or TCP."""

    class Way(models.TextChoices):
        HTTP = "http", "HTTP"
        TCP = "tcp", "TCP"

    class Method(models.TextChoices):
        GET = "GET", "GET"
        HEAD = "HEAD", "HEAD"

    indicator = models.OneToOneField(Indicator, models.CASCADE, primary_key=True, related_name="check_made")
    way = models.CharField(_("over"), max_length=4, choices=Way)
    url = models.CharField(_("address"), max_length=300, blank=True)
    method = models.CharField(_("method"), max_length=4, choices=Method, default=Method.GET)
    expected_status = models.CharField(_("expected status"), max_length=60, default="200-299")
    must_contain = models.CharField(_("must contain"), max_length=200, blank=True)
    host = models.CharField(_("host"), max_length=253, blank=True)
    port = models.PositiveIntegerField(_("port"), null=True, blank=True)
    most_ms = models.PositiveIntegerField(_("slower is bad (ms)"), null=True, blank=True)
    authority = models.CharField(_("private authority"), max_length=63, blank=True, validators=[slug_shape])
    timeout_seconds = models.PositiveSmallIntegerField(_("gives up after (s)"), default=10)
    # The newest minute (since 1970) that was claimed by somebody who checks: each is checked once.
    claimed_minute = models.BigIntegerField(_("claimed minute"), default=0, editable=False)
    last_result = models.CharField(_("last result"), max_length=300, blank=True, editable=False)
    last_elapsed_ms = models.PositiveIntegerField(_("last duration (ms)"), null=True, editable=False)
    last_checked_at = models.DateTimeField(_("last checked"), null=True, editable=False)

    class Meta:
        verbose_name = _("uptime check")
        verbose_name_plural = _("uptime checks")
        indexes = [models.Index(fields=["claimed_minute"], name="checks_by_claimed_minute")]
        constraints = [
            models.CheckConstraint(
                name="a_check_knows_its_target",
                condition=Q(way="http", host="", port=None) & ~Q(url="")
                | Q(way="tcp", url="", port__gte=1, port__lte=65535) & ~Q(host=""),
            ),
            models.CheckConstraint(
                name="a_check_ends_within_the_minute", condition=Q(timeout_seconds__gte=1, timeout_seconds__lte=30)
            ),
        ]

    def __str__(self) -> str:
        return self.url or f"{self.host}:{self.port}"
