"""Clocks of any record. A clock's truth are its events; its row is their fold, kept for lists and reports."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only


class Clock(models.Model):
    """One count of time for a record, such as time to resolve; the next cycle of a name is another clock.

    `terms` are the snapshot that counts now. `counted_s` are seconds up to `running_since`. `told`: thresholds that
    were acted upon. Imported clocks have an outcome and no events.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped")
        VOID = "void", _("Void")

    class Outcome(models.TextChoices):
        MET = "met", _("Met")
        BREACHED = "breached", _("Breached")

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    name = models.CharField(_("clock"), max_length=60)
    cycle = models.PositiveSmallIntegerField(_("cycle"), default=1)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    terms = models.JSONField(_("terms"), default=dict)
    calendar = models.ForeignKey(
        "clocks.Calendar", models.PROTECT, null=True, related_name="+", verbose_name=_("calendar")
    )
    target_s = models.PositiveIntegerField(_("target in seconds"), null=True)
    counted_s = models.PositiveIntegerField(_("counted seconds"), default=0)
    running_since = models.DateTimeField(_("running since"), null=True)
    due_at = models.DateTimeField(_("due at"), null=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    outcome_at = models.DateTimeField(_("outcome at"), null=True)
    late_s = models.PositiveIntegerField(_("late by seconds"), default=0)
    by_change = models.BooleanField(_("breached by a change"), default=False)
    told = ArrayField(models.CharField(max_length=20), verbose_name=_("acted upon"), default=list)

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        ordering = ("id",)
        indexes = [
            # Reports of half a million outcomes read nothing but this.
            models.Index(
                fields=["name", "outcome_at"],
                include=["record_kind", "record_id", "cycle", "outcome", "by_change"],
                name="clock_by_outcome",
            ),
            models.Index(fields=["calendar"], condition=Q(state__in=("running", "paused")), name="clock_open_calendar"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["record_kind", "record_id", "name", "cycle"], name="one_clock_of_a_name_and_cycle_per_record"
            ),
            models.UniqueConstraint(
                fields=["record_kind", "record_id", "name"],
                condition=Q(state__in=("running", "paused")),
                name="one_open_clock_of_a_name_per_record",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("running", "paused", "stopped", "void")), name="clock_state_is_known"
            ),
            models.CheckConstraint(condition=Q(cycle__gte=1), name="clock_cycles_begin_with_1"),
            models.CheckConstraint(condition=Q(target_s=None) | Q(target_s__gt=0), name="clock_target_is_positive"),
            models.CheckConstraint(
                condition=Q(state="running", running_since__isnull=False)
                | (~Q(state="running") & Q(running_since=None, due_at=None)),
                name="only_a_running_clock_runs_and_is_due",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(target_s__isnull=False), name="a_clock_without_target_is_never_due"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at=None, late_s=0)
                | Q(state="stopped", outcome="met", outcome_at__isnull=False, late_s=0)
                | Q(state="stopped", outcome="breached", outcome_at__isnull=False),
                name="only_a_stopped_clock_has_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.cycle} of {self.record_kind} {self.record_id}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.PAUSED)


class ClockEvent(models.Model):
    """Something happened to a clock at `at`, as noted at `noted_at`. `terms`: of started, retargeted, recounted."""

    class Happened(models.TextChoices):
        STARTED = "started", _("started")
        PAUSED = "paused", _("paused")
        RESUMED = "resumed", _("resumed")
        STOPPED = "stopped", _("stopped")
        VOIDED = "voided", _("voided")
        RETARGETED = "retargeted", _("new target")
        RECOUNTED = "recounted", _("counted anew")

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="events", verbose_name=_("clock"))
    happened = models.CharField(_("happened"), max_length=10, choices=Happened)
    at = models.DateTimeField(_("at"))
    noted_at = models.DateTimeField(_("noted at"))
    why = models.CharField(_("why"), max_length=200, blank=True)
    terms = models.JSONField(_("terms"), null=True)

    class Meta:
        verbose_name = _("clock event")
        verbose_name_plural = _("clock events")
        ordering = ("id",)
        triggers = append_only.KEPT
        constraints = [
            models.CheckConstraint(
                condition=Q(happened__in=("started", "retargeted", "recounted"), terms__isnull=False)
                | Q(happened__in=("paused", "resumed", "stopped", "voided"), terms=None),
                name="what_counts_anew_says_by_which_terms",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened} at {self.at}"
