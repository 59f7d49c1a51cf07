"""What is otherwise than the rotation: overrides, swaps, time off."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.references import reference
from itsm.oncall.models.schedule import Layer, Schedule
from itsm.oncall.vocabulary import SwapStatus
from itsm.oncall.workflow import WORKFLOW


class Override(models.Model):
    """These people have it from `starts_at` to `ends_at`, whatever the layers say; nobody, on purpose, needs a reason.

    One that is withdrawn ends there; before it began it never was. The newest wins.
    """

    kind = "schedule_override"

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="overrides")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    nobody = models.BooleanField(_("nobody, on purpose"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    imported_from = models.CharField(_("imported from"), max_length=160, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("override of a schedule")
        verbose_name_plural = _("overrides of schedules")
        ordering = ("-id",)
        indexes = [models.Index(fields=["schedule", "ends_at"], name="overrides_of_a_schedule")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="an_override_ends_later"),
            models.CheckConstraint(condition=Q(nobody=False) | ~Q(reason=""), name="nobody_on_call_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"override-{self.pk}"


class OverridePerson(models.Model):
    """One of those who have it."""

    override = models.ForeignKey(Override, models.CASCADE, related_name="people")
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["override", "person"], name="once_in_an_override")]

    def __str__(self) -> str:
        return f"{self.person_id}"


class Swap(models.Model):
    """Turn `turn` of a layer goes from `out_person` to `in_person`, all of it or from `starts_at` to `ends_at`.

    It names the turn: it follows where the hand-off moves to, and is void once the turn is not that person's.
    """

    kind = "swap"
    workflow = WORKFLOW

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="swaps")
    layer = models.ForeignKey(Layer, models.CASCADE, related_name="+")  # the first version: what all versions share
    turn = models.PositiveIntegerField(_("turn"))
    out_person = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", verbose_name=_("whose turn it is")
    )
    in_person = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who takes it")
    )
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=SwapStatus, default=SwapStatus.ASKED, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    because = models.CharField(_("void because"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"))
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("swap")
        verbose_name_plural = _("swaps")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW)]
        indexes = [models.Index(fields=["schedule", "status"], name="swaps_of_a_schedule")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SwapStatus.values), name="state_of_a_swap_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["taken", "given_back"]) | Q(in_person__isnull=False),
                name="a_taken_swap_says_by_whom",
            ),
            models.CheckConstraint(condition=~Q(in_person=F("out_person")), name="nobody_swaps_with_themselves"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="a_swap_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return reference("SWP", self.pk or 0)

    def get_absolute_url(self) -> str:
        return f"{self.schedule.get_absolute_url()}#swaps"


class TimeOff(models.Model):
    """Somebody is not there. Their turns fall to the layer below; overrides that name them hold."""

    kind = "time_off"

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("who"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering = ("-starts_at", "-id")
        indexes = [models.Index(fields=["person", "ends_at"], name="time_off_of_a_person")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="time_off_ends_later")]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"time-off-{self.pk}"
