"""A schedule and its layers. An edit ends a layer's version and begins another: the past stands."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from itsm.kernel.actors import Actor
from itsm.oncall.permissions import readers
from itsm.oncall.vocabulary import MAX_LENGTH, Count, Unit
from itsm.slugs import slug_shape


def _as_range(function: str, column: str) -> Func:
    """One number as a range of itself: GiST knows ranges without an extension."""
    return Func(F(column), F(column), Value("[]"), function=function)


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def visible_to(self, actor: Actor) -> "ScheduleQuerySet":
        """All of them, for who works here."""
        return self if readers(actor) else self.none()


class Schedule(models.Model):
    """Who of a team is on call when. `zone`: of its layers that name none, and of its pages.

    Nobody is paged by it before `live_at`. `imported_from`: what it was in the system it comes from, for a second
    import. `gaps_told`: the gaps that its team was told of.
    """

    kind = "schedule"
    untold = ("gaps_told", "layers_at")  # its entries say when

    slug = models.SlugField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=100)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("team"))
    zone = models.CharField(_("time zone"), max_length=64)
    live_at = models.DateTimeField(_("live since"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    imported_from = models.CharField(_("imported from"), max_length=160, blank=True)
    gaps_told = models.JSONField(_("gaps that were told"), default=list, blank=True, editable=False)
    layers_at = models.DateTimeField(_("layers laid at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("on-call schedule")
        verbose_name_plural = _("on-call schedules")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["imported_from"], condition=~Q(imported_from=""), name="a_schedule_is_imported_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/on-call/schedules/{self.slug}/"

    def includes(self, person_id: int) -> bool:
        """Whether somebody takes turns in it, now or later."""
        return self.pk is not None and Slot.objects.filter(
            layer__schedule=self.pk, layer__effective_to=None, person=person_id
        ).exists()  # fmt: skip


class Layer(models.Model):
    """One version of a layer. `first`: the first version of the same layer, None for that itself; a smaller `rank` lies
    further up. Turn k begins at the local time `handoff` of `anchor_date`, k times `length` units later."""

    kind = "layer"

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="layers")
    first = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="versions")
    rank = models.PositiveSmallIntegerField(_("rank"))
    name = models.CharField(_("name"), max_length=80, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    unit = models.CharField(_("unit"), max_length=5, choices=Unit)
    length = models.PositiveSmallIntegerField(_("length of a turn"))
    anchor_date = models.DateField(_("first day"))
    handoff = models.TimeField(_("hand-off"))
    count = models.CharField(_("counts"), max_length=8, choices=Count, default=Count.CALENDAR)
    effective_from = models.DateTimeField(_("holds from"))
    effective_to = models.DateTimeField(_("holds until"), null=True, blank=True)

    class Meta:
        verbose_name = _("layer")
        verbose_name_plural = _("layers")
        ordering = ("rank", "effective_from", "id")
        indexes = [models.Index(fields=["schedule", "effective_to"], name="layers_that_hold")]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")), name="a_layer_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(length__range=(1, MAX_LENGTH)), name="a_turn_has_a_length"
            ),
            models.CheckConstraint(
                condition=Q(count=Count.CALENDAR) | ~Q(unit=Unit.HOURS) | Q(length__in=[1, 2, 3, 4, 6, 8, 12, 24]),
                name="turns_that_drift_are_all_counted",
            ),
            ExclusionConstraint(
                name="one_layer_of_a_rank_at_a_time",
                deferrable=models.Deferrable.DEFERRED,  # layers change places
                expressions=[
                    (_as_range("int8range", "schedule"), RangeOperators.OVERLAPS),
                    (_as_range("int4range", "rank"), RangeOperators.OVERLAPS),
                    (
                        Func(
                            F("effective_from"), F("effective_to"), function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or f"{self.rank}"

    @property
    def line_id(self) -> int:
        """What all versions of the layer share."""
        return self.first_id or self.pk


class Slot(models.Model):
    """Somebody in a place of the rotation; a place with nobody has one row of no person."""

    layer = models.ForeignKey(Layer, models.CASCADE, related_name="slots")
    position = models.PositiveSmallIntegerField(_("position"))
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("layer", "position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["layer", "position", "person"], nulls_distinct=False, name="once_in_a_place_of_the_rotation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}"


class Restriction(models.Model):
    """A part of each week that a layer covers, from a day (Monday is 0) and local time to another. One over midnight
    belongs to its first day."""

    layer = models.ForeignKey(Layer, models.CASCADE, related_name="restrictions")
    from_day = models.PositiveSmallIntegerField(_("from day"))
    from_time = models.TimeField(_("from"))
    to_day = models.PositiveSmallIntegerField(_("to day"))
    to_time = models.TimeField(_("to"))

    class Meta:
        ordering = ("layer", "from_day", "from_time")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_day__range=(0, 6), to_day__range=(0, 6)), name="days_of_a_restriction_are_of_a_week"
            ),
            models.CheckConstraint(
                condition=~Q(from_day=F("to_day"), from_time=F("to_time")), name="a_restriction_is_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_day} {self.from_time}"
