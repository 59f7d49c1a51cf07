"""What the auditor found: of each invariant how it stands, and each violation until a person clears it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from itsm.invariants.known import called
from itsm.invariants.permissions import readers
from itsm.kernel.actors import Actor

SHORTEST_REASON = 30
MOST_SAMPLES = 100


class Auditor(models.Model):
    """One row: when the auditor last had an answer to every question of the minute, and of the hour.

    The gate reads it: an auditor that falls silent leads to people. Without the row, none ever looked.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    looked_at = models.DateTimeField(_("looked at"))
    looked_at_all_at = models.DateTimeField(_("looked at everything at"), null=True)
    role = models.CharField(_("database role"), max_length=63, blank=True)
    told_silent_at = models.DateTimeField(_("its silence was told at"), null=True)

    class Meta:
        verbose_name = _("auditor")
        verbose_name_plural = _("auditors")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_auditor")]

    def __str__(self) -> str:
        return f"looked at {self.looked_at}"


class InvariantCheck(models.Model):
    """How one invariant stands: when it was asked, how long that took, how much was found.

    `failed`: why it could not be asked; then nobody knows whether it holds. `walked`: question -> id up to which.
    """

    invariant = models.CharField(_("invariant"), max_length=10, primary_key=True)
    asked_at = models.DateTimeField(_("asked at"))
    asked_all_at = models.DateTimeField(_("asked everything at"), null=True)
    took_ms = models.PositiveIntegerField(_("took"), default=0)
    found = models.PositiveIntegerField(_("found"), default=0)
    failed = models.CharField(_("could not be asked because"), max_length=300, blank=True)
    walked = models.JSONField(_("walked"), default=dict)

    class Meta:
        verbose_name = _("check of an invariant")
        verbose_name_plural = _("checks of invariants")

    def __str__(self) -> str:
        return f"{self.invariant}: {self.found}"


class ViolationQuerySet(models.QuerySet["Violation"]):
    def visible_to(self, actor: Actor) -> "ViolationQuerySet":
        """For administrators, change managers and auditors."""
        return self if readers(actor) else self.none()

    def open(self) -> "ViolationQuerySet":
        """Those that nobody has cleared."""
        return self.filter(cleared_at=None)


class Violation(models.Model):
    """An invariant that did not hold, from when it was seen first until a person cleared it.

    `sample`: up to MOST_SAMPLES of what was found, {"question", "kind", "reference", "detail"}. `holds_since`: since
    when it was found no more; null while it is. `accepted`: what a person, with a second one, lets stand as it is.
    """

    kind = "invariant_violation"

    invariant = models.CharField(_("invariant"), max_length=10)
    closes_gate = models.BooleanField(_("people decide while it stands"), default=False)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    holds_since = models.DateTimeField(_("holds again since"), null=True)
    count = models.PositiveIntegerField(_("found"))
    sample = models.JSONField(_("samples"), default=list)
    accepted = models.JSONField(_("accepted as it is"), default=list)
    cleared_at = models.DateTimeField(_("cleared at"), null=True)
    cleared_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("cleared by")
    )
    cleared_because = models.TextField(_("cleared because"), max_length=2000, blank=True)
    told_at = models.DateTimeField(_("told at"), null=True)
    incident = models.CharField(_("incident"), max_length=20, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    awaits: Any = None  # the confirmation that its clearing waits for

    objects = ViolationQuerySet.as_manager()

    class Meta:
        verbose_name = _("violation of an invariant")
        verbose_name_plural = _("violations of invariants")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["closes_gate"], condition=Q(cleared_at=None), name="violation_open"),
            models.Index(fields=["invariant", "-id"], name="violation_by_invariant"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invariant"], condition=Q(cleared_at=None), name="an_invariant_is_violated_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(cleared_at=None, cleared_by=None, cleared_because="")
                | (
                    Q(cleared_at__isnull=False, cleared_by__isnull=False)
                    & Q(GreaterThanOrEqual(Length(Trim("cleared_because")), SHORTEST_REASON))
                ),
                name="a_person_clears_a_violation_and_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invariant} violated since {self.first_seen_at}"

    @property
    def reference(self) -> str:
        return f"{self.invariant}-{self.pk}"

    @property
    def title(self) -> str:
        """What should hold."""
        found = called(self.invariant)
        return str(found.title) if found else self.invariant

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None

    def get_absolute_url(self) -> str:
        return f"/operations/invariants/{self.invariant}/"
