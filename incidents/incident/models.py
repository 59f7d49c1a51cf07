"""Incidents: an unplanned interruption of a service, or a drop in its quality."""

from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import OPEN, OVER, WORKFLOW, Status
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor, Role
from itsm.kernel.references import reference

if TYPE_CHECKING:
    from itsm.approvals.models import Confirmation


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, actor: Actor) -> "IncidentQuerySet":
        """Everybody who works here sees all; a requester sees their own."""
        if actor.is_system or actor.roles - {Role.REQUESTER}:
            return self
        return self.filter(reported_by_id=actor.id)

    def still_open(self) -> "IncidentQuerySet":
        return self.filter(status__in=OPEN)


class Incident(models.Model):
    kind = "incident"
    workflow = WORKFLOW
    untold = ("reason", "resolution", "resolved_at", "alert")

    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("description"), blank=True, max_length=20_000)
    service = models.ForeignKey(
        "catalog.Service",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("service"),
    )
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.MODERATE)
    major = models.BooleanField(_("major incident"), default=False)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.NEW, editable=False)
    reported_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    assigned_to = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assigned to")
    )
    # Where it came from: a burn alert names itself here, once. Confirmed: an alert or another person saw it too.
    source_key = models.CharField(max_length=120, unique=True, null=True, editable=False)  # noqa: DJ001 -- unique where given
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)
    resolution = models.TextField(_("resolution"), blank=True, max_length=20_000)
    opened_at = models.DateTimeField(_("opened at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = IncidentQuerySet.as_manager()

    # What a second person must confirm first: filled by operations, not stored.
    awaits: "Confirmation | None" = None

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW)]
        indexes = [
            models.Index(fields=["priority", "-id"], condition=Q(status__in=OPEN), name="incident_open_by_priority"),
            models.Index(fields=["service", "-id"], name="incident_by_service"),
            models.Index(fields=["service"], condition=Q(status__in=OPEN), name="incident_open_by_service"),
            models.Index(fields=["status", "-id"], name="incident_by_status"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="incident_title_trigrams"),
            models.Index(fields=["reported_by", "-id"], name="incident_by_reporter"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=OVER) | (Q(resolved_at__isnull=False) & ~Q(resolution="")),
                name="resolved_incident_says_when_and_how",
            ),
            models.CheckConstraint(condition=Q(priority__range=(1, 5)), name="incident_priority_is_1_to_5"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="incident_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("INC", self.pk)

    @property
    def confirmed(self) -> bool:
        """An alert, or a second person, saw it too."""
        return self.source_key is not None or self.confirmed_by_id is not None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def holds_changes(self) -> bool:
        """Open, and so grave that changes of its service wait."""
        return self.is_open and self.service_id is not None and (self.major or self.priority == Priority.CRITICAL)

    def get_absolute_url(self) -> str:
        return f"/incidents/{self.reference}/"
