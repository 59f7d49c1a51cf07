"""Objectives (SLOs): a target for an indicator, or for several, over a window; and every version they had."""

from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape
from slo.engine.burn import error_budget_ppb
from slo.engine.methods import SLICE_MINUTES, UNIT, Method, MissingSlices
from slo.engine.windows import LONGEST_WINDOW_DAYS, SHORTEST_WINDOW_DAYS, BudgetBasis
from slo.measuring.vocabulary import BUDGET_BASES, METHODS, MISSING_SLICES
from slo.objectives import permissions

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

    from itsm.approvals.models import Confirmation

TARGET_PLACES = 9


def _ratio(name: "StrPromise") -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(name, max_digits=10, decimal_places=TARGET_PLACES)


def _ratio_or_none(name: "StrPromise") -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(name, max_digits=10, decimal_places=TARGET_PLACES, null=True, blank=True)


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def visible_to(self, actor: Actor) -> Self:
        return self if permissions.readers(actor) else self.none()

    def in_force(self) -> Self:
        """Those that still promise something."""
        return self.filter(retired_at=None)


class Terms(models.Model):
    """What is promised: the same columns in an objective (as it stands) and in each of its versions.

    Exactly one indicator, or none: then the members of the version are evaluated together (a composite).
    A calendar window has a unit; a rolling one has `window_days` only. For a calendar window these are
    the days of its longest period.
    """

    class Unit(models.TextChoices):
        WEEK = "week", _("week")
        MONTH = "month", _("month")
        QUARTER = "quarter", _("quarter")
        YEAR = "year", _("year")

    indicator = models.ForeignKey(
        "slo.Indicator", models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name=_("indicator")
    )
    target = _ratio(_("target"))
    method = models.CharField(
        _("budgeting method"), max_length=20, choices=METHODS, default=Method.OCCURRENCES.value
    )  # fmt: skip
    time_slice_target = _ratio_or_none(_("target of a slice"))
    time_slice_minutes = models.PositiveSmallIntegerField(_("minutes of a slice"), null=True, blank=True)
    missing_slices = models.CharField(
        _("missing slices are"), max_length=10, choices=MISSING_SLICES,
        default=MissingSlices.EXCLUDED.value,
    )  # fmt: skip
    window_days = models.PositiveSmallIntegerField(_("window (days)"), default=28)
    calendar_unit = models.CharField(_("calendar window"), max_length=10, choices=Unit, blank=True)
    calendar_count = models.PositiveSmallIntegerField(_("units of the calendar window"), default=1)
    calendar_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    # Local time of any beginning of a period; empty: Mondays, the first of January.
    calendar_start = models.CharField(_("begins"), max_length=19, blank=True)
    budget_basis = models.CharField(
        _("the budget is of"), max_length=12, choices=BUDGET_BASES,
        default=BudgetBasis.FULL_WINDOW.value,
    )  # fmt: skip

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_target_lies_between_zero_and_one", condition=Q(target__gt=0, target__lt=1)
            ),
            models.CheckConstraint(
                name="%(class)s_window_is_7_to_366_days",
                condition=Q(window_days__gte=SHORTEST_WINDOW_DAYS, window_days__lte=LONGEST_WINDOW_DAYS),
            ),
            models.CheckConstraint(
                name="%(class)s_slices_fit_the_method",
                condition=Q(method="occurrences", time_slice_target=None, time_slice_minutes=None)
                | Q(method="ratio_timeslices", time_slice_target=None, time_slice_minutes__in=SLICE_MINUTES)
                | Q(
                    method="timeslices", time_slice_target__gt=0, time_slice_target__lte=1,
                    time_slice_minutes__in=SLICE_MINUTES,
                ),
            ),
            models.CheckConstraint(
                name="%(class)s_calendar_has_a_zone",
                condition=Q(calendar_unit="", calendar_zone="", calendar_start="", calendar_count=1)
                | (~Q(calendar_unit="") & ~Q(calendar_zone="") & Q(calendar_count__gte=1)),
            ),
        ]  # fmt: skip

    @property
    def error_budget_ppb(self) -> int:
        """What may fail, in billionths of all events or slices: exact, as targets have at most nine decimals."""
        return error_budget_ppb(self.target)

    @property
    def unit(self) -> int:
        """What one event, or slice, counts in its series."""
        return UNIT[Method(self.method)]

    @property
    def is_composite(self) -> bool:
        return self.indicator_id is None

    @property
    def is_rolling(self) -> bool:
        return not self.calendar_unit


class Objective(Terms):
    """The promise as it stands now. `terms_version` counts its versions; `version` counts edits of any kind."""

    kind = "objective"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), max_length=1050, blank=True)
    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="objectives", verbose_name=_("service"))
    environment = models.CharField(_("environment"), max_length=63, default="production", validators=[slug_shape])
    gating = models.BooleanField(_("decides about changes"), default=True)
    # A new objective decides from this instant on; null: from its first hour of measurements on.
    gates_from = models.DateTimeField(_("decides from"), null=True, blank=True)
    # By their long windows; null: every row that can fire.
    alert_rows = ArrayField(models.CharField(max_length=10), null=True, blank=True, verbose_name=_("alert rows"))
    labels = models.JSONField(_("labels"), default=dict, blank=True)
    annotations = models.JSONField(_("annotations"), default=dict, blank=True)
    # The folder or file set that declares it; empty for what people keep by hand. Only its set may prune it.
    managed_by = models.CharField(_("declared by"), max_length=63, blank=True)
    terms_version = models.PositiveIntegerField(_("version of its terms"), default=1, editable=False)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ObjectiveQuerySet.as_manager()

    # What a second person must confirm first: filled by operations, not stored.
    awaits: "Confirmation | None" = None

    class Meta(Terms.Meta):
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ("slug",)
        indexes = [models.Index(fields=["service", "environment"], name="objectives_of_a_service")]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/slos/{self.slug}/"


class ObjectiveVersion(Terms):
    """The terms from one minute on, until the next version: each minute counts by the target of its own time.

    Version 1 reaches back to the beginning, so that measurements from before the objective count.
    """

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    from_minute = models.BigIntegerField(_("from minute"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=150)

    class Meta(Terms.Meta):
        verbose_name = _("version of an objective")
        verbose_name_plural = _("versions of objectives")
        ordering = ("objective", "number")
        triggers = append_only.KEPT
        constraints = [
            *Terms.Meta.constraints,
            models.UniqueConstraint(fields=["objective", "number"], name="one_version_per_objective_and_number"),
        ]

    def __str__(self) -> str:
        return f"{self.objective_id} v{self.number}"


class VersionMember(models.Model):
    """One indicator of a composite, as one version of the objective weighs it."""

    version = models.ForeignKey(ObjectiveVersion, models.PROTECT, related_name="members", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    indicator = models.ForeignKey("slo.Indicator", models.PROTECT, related_name="+", db_index=False)
    target = _ratio(_("target"))
    time_slice_target = _ratio_or_none(_("target of a slice"))
    weight = models.DecimalField(_("weight"), max_digits=12, decimal_places=6, default=1)

    class Meta:
        verbose_name = _("member of a composite")
        verbose_name_plural = _("members of composites")
        ordering = ("version", "place")
        triggers = append_only.KEPT
        constraints = [
            models.UniqueConstraint(fields=["version", "place"], name="one_member_per_version_and_place"),
            models.CheckConstraint(
                name="a_member_has_weight_and_target", condition=Q(weight__gt=0, target__gt=0, target__lt=1)
            ),
        ]

    def __str__(self) -> str:
        return f"indicator {self.indicator_id} of version {self.version_id}"
