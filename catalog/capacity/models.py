"""Measures of items, their points, what was forecast of them, and the warnings that came of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.capacity.vocabulary import Fold, Side, Step
from catalog.cmdb.models import CI
from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape

_FINITE = ("-Infinity", "Infinity", "NaN")


class MeasureQuerySet(models.QuerySet["Measure"]):
    def visible_to(self, actor: Actor) -> "MeasureQuerySet":
        """Those of items that the actor may see."""
        return self.filter(ci__in=CI.objects.visible_to(actor))


class Measure(models.Model):
    """What is watched of an item (a service is one) and the limit that it must not meet.

    `side`: where the value must stay. `season`: steps after which it repeats itself. `fold`: how the points of a step
    become one value. `lead_days`: how long before the limit somebody must know. `set_by`: by what it is judged (limit,
    side, step, season, fold, retired) -> the account whose word stands; what Headroom itself says is left out.
    `imported_as`: what sources call it within its item, of one that an import began.
    """

    kind = "measure"
    untold = ("set_by", "imported_as")

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    ci = models.ForeignKey("catalog.CI", models.PROTECT, related_name="measures", verbose_name=_("item"))
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    limit = models.FloatField(_("limit"))
    side = models.CharField(_("side"), max_length=5, choices=Side, default=Side.BELOW)
    step = models.CharField(_("step"), max_length=4, choices=Step, default=Step.DAY)
    season = models.PositiveSmallIntegerField(_("season"), choices=[(1, "1"), (7, "7"), (24, "24")], default=1)
    fold = models.CharField(_("fold"), max_length=4, choices=Fold, default=Fold.MAX)
    lead_days = models.PositiveSmallIntegerField(_("days ahead"), default=30)
    set_by = models.JSONField(_("set by"), default=dict, editable=False)
    imported_as = models.CharField(_("imported as"), max_length=63, blank=True, editable=False)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        app_label = "catalog"
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(condition=Q(side__in=Side.values), name="measure_side_is_known"),
            models.CheckConstraint(condition=Q(step__in=Step.values), name="measure_step_is_known"),
            models.CheckConstraint(condition=Q(fold__in=Fold.values), name="measure_fold_is_known"),
            models.CheckConstraint(condition=Q(season__in=(1, 7, 24)), name="measure_season_is_known"),
            models.CheckConstraint(condition=Q(lead_days__range=(1, 365)), name="measure_leads_1_to_365_days"),
            models.CheckConstraint(condition=~Q(limit__in=_FINITE), name="measure_limit_is_finite"),
            models.UniqueConstraint(
                fields=["ci", "imported_as"], condition=~Q(imported_as=""), name="an_item_has_an_imported_measure_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/measures/{self.slug}/"


class Point(models.Model):
    """A value at an instant, and whose word it is: whoever is judged by a forecast may not have made it kinder."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="points")
    at = models.DateTimeField(_("at"))
    value = models.FloatField(_("value"))
    by_id = models.BigIntegerField(_("by"), null=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("point")
        verbose_name_plural = _("points")
        ordering = ("at",)
        constraints = [
            models.UniqueConstraint(fields=["measure", "at"], name="one_point_of_a_measure_at_an_instant"),
            models.CheckConstraint(condition=~Q(value__in=_FINITE), name="point_is_finite"),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.at:%Y-%m-%d %H:%M} {self.value}"


class Forecast(models.Model):
    """What was expected of a measure at an instant; `bands`: [[at, low, centre, high, stretched], ...], nearest
    first, of the newest forecast only.

    `soonest`, `likely`, `latest`: when the limit is met; null: not in sight. `held`: the share of past values within
    their bands. `points`: steps with a value; `too_little`: nothing can be said. `senders`: whose points it rests on.
    `measured_until`: the end of the newest step with a value; `sees_until`: the last instant that it says anything of.
    """

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="forecasts")
    made_at = models.DateTimeField(_("made at"))
    limit = models.FloatField(_("limit"))
    points = models.PositiveIntegerField(_("points"))
    too_little = models.BooleanField(_("too little data"), default=False)
    measured_until = models.DateTimeField(_("measured until"), null=True)
    sees_until = models.DateTimeField(_("sees until"), null=True)
    bands = models.JSONField(_("bands"), default=list)
    soonest = models.DateTimeField(_("soonest"), null=True)
    likely = models.DateTimeField(_("likely"), null=True)
    latest = models.DateTimeField(_("latest"), null=True)
    held = models.FloatField(_("bands held"), null=True)
    senders = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        app_label = "catalog"
        verbose_name = _("forecast")
        verbose_name_plural = _("forecasts")
        ordering = ("-made_at", "-id")
        indexes = [models.Index(fields=["measure", "-made_at"], name="forecast_newest_first")]

    def __str__(self) -> str:
        return f"{self.measure_id} at {self.made_at:%Y-%m-%d %H:%M}"


class Exhaustion(models.Model):
    """A warning that a measure may meet its limit within its lead, with the task that came of it.

    `calm_since`: since when the limit is out of sight; after CALM_DAYS the warning ends.
    """

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="exhaustions")
    warned_at = models.DateTimeField(_("warned at"))
    soonest = models.DateTimeField(_("soonest"))
    task = models.ForeignKey("work.Task", models.SET_NULL, null=True, related_name="+", verbose_name=_("task"))
    calm_since = models.DateTimeField(_("calm since"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("exhaustion ahead")
        verbose_name_plural = _("exhaustions ahead")
        ordering = ("-warned_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["measure"], condition=Q(ended_at=None), name="one_open_warning_of_a_measure"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("warned_at")), name="a_warning_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} may run out from {self.soonest:%Y-%m-%d}"
