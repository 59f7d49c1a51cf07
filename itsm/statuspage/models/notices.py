"""Incidents and maintenance as the public reads them, and their updates, which only grow."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.audit.legal_moves import OnlyMoves
from itsm.statuspage.models.pages import StatusPage, new_code
from itsm.statuspage.vocabulary import IncidentStatus, MaintenanceStatus
from itsm.statuspage.workflow import INCIDENT, MAINTENANCE

MAX_TITLE = 120
MAX_BODY = 4_000


class Notice(models.Model):
    """What both have. `internal`: the reference of the record behind it, which no public answer holds."""

    page = models.ForeignKey(StatusPage, models.PROTECT, related_name="+", verbose_name=_("page"))
    code = models.CharField(_("public id"), max_length=12, unique=True, default=new_code, editable=False)
    title = models.CharField(_("title"), max_length=MAX_TITLE)
    internal = models.CharField(_("record behind it"), max_length=20, blank=True)
    published_at = models.DateTimeField(_("published at"))
    updated_at = models.DateTimeField(_("told last at"))
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class PublicIncident(Notice):
    """Something does not work, or did not. `started_at`: since when; `next_update_at`: when more is promised."""

    kind = "public_incident"
    untold = ("updated_at",)
    workflow = INCIDENT

    status = models.CharField(
        _("state"), max_length=20, choices=IncidentStatus, default=IncidentStatus.INVESTIGATING, editable=False
    )
    started_at = models.DateTimeField(_("started at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True, editable=False)
    next_update_at = models.DateTimeField(_("next update by"), null=True, blank=True)
    postmortem_url = models.CharField(_("postmortem"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("public incident")
        verbose_name_plural = _("public incidents")
        ordering = ("-started_at", "-id")
        triggers = [OnlyMoves(INCIDENT)]
        indexes = [models.Index(fields=["page", "-started_at"], name="public_incident_by_page")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=IncidentStatus.values), name="public_incident_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False) | ~Q(status="resolved") & Q(resolved_at=None),
                name="a_resolved_notice_says_when",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(resolved_at__gte=F("started_at")), name="a_notice_ends_after_it_began"
            ),
        ]

    @property
    def reference(self) -> str:
        return f"notice-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/status-pages/{self.page.slug}/incidents/{self.pk}/"


class Maintenance(Notice):
    """Planned work in [starts_at, ends_at); `begun_at`, `ended_at`: when it was. The change behind it drives it."""

    kind = "public_maintenance"
    untold = ("updated_at",)
    workflow = MAINTENANCE

    status = models.CharField(
        _("state"), max_length=20, choices=MaintenanceStatus, default=MaintenanceStatus.SCHEDULED, editable=False
    )
    components = ArrayField(models.BigIntegerField(), verbose_name=_("components"), default=list)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    begun_at = models.DateTimeField(_("begun at"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("public maintenance")
        verbose_name_plural = _("public maintenance")
        ordering = ("-starts_at", "-id")
        triggers = [OnlyMoves(MAINTENANCE)]
        indexes = [
            models.Index(fields=["page", "-starts_at"], name="maintenance_by_page"),
            models.Index(fields=["internal"], condition=~Q(internal=""), name="maintenance_by_record"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=MaintenanceStatus.values), name="maintenance_status_is_known"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="maintenance_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(status__in=("completed", "cancelled"), ended_at__isnull=False)
                | ~Q(status__in=("completed", "cancelled")) & Q(ended_at=None),
                name="maintenance_that_is_over_says_when",
            ),
        ]

    @property
    def reference(self) -> str:
        return f"maintenance-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/status-pages/{self.page.slug}/maintenance/{self.pk}/"


class PublicUpdate(models.Model):
    """What was said, when, and how it stood then. `states`: component id -> its state, of those it speaks of."""

    incident = models.ForeignKey(
        PublicIncident, models.PROTECT, null=True, related_name="updates", verbose_name=_("incident")
    )
    maintenance = models.ForeignKey(
        Maintenance, models.PROTECT, null=True, related_name="updates", verbose_name=_("maintenance")
    )
    status = models.CharField(_("state"), max_length=20)
    body = models.TextField(_("words"), max_length=MAX_BODY)
    states: Any = models.JSONField(_("states of components"), default=dict)
    components = ArrayField(models.BigIntegerField(), verbose_name=_("components"), default=list)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("update for the public")
        verbose_name_plural = _("updates for the public")
        ordering = ("-at", "-id")
        triggers = append_only.KEPT
        constraints = [
            models.CheckConstraint(condition=Q(incident=None) ^ Q(maintenance=None), name="an_update_is_of_one_notice"),
            models.CheckConstraint(condition=~Q(body=""), name="an_update_says_something"),
        ]

    def __str__(self) -> str:
        return f"update {self.pk}"

    @property
    def label(self) -> str:
        """The state that it told, in words."""
        words: type[IncidentStatus] | type[MaintenanceStatus] = (
            IncidentStatus if self.incident_id else MaintenanceStatus
        )
        return str(words(self.status).label)


class WithdrawnUpdate(models.Model):
    """An update that the public no longer reads, because it should not have: what was said stays for who works here."""

    update = models.OneToOneField(PublicUpdate, models.PROTECT, related_name="withdrawn", verbose_name=_("update"))
    reason = models.CharField(_("why"), max_length=500)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("withdrawn update")
        verbose_name_plural = _("withdrawn updates")
        triggers = append_only.KEPT

    def __str__(self) -> str:
        return f"withdrawn {self.update_id}"
