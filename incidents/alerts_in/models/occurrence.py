"""One firing of one alert: from its start to its end."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.alerts_in.models.source import AlertSource
from incidents.alerts_in.vocabulary import OccurrenceStatus


class AlertOccurrence(models.Model):
    """An occurrence is a fingerprint and a start. `seen_at`: when it was last said to fire.

    `clock_doubt`: its start could not be meant, so it begins with its receipt. `absent`: how often in a row its server
    did not know it any more. `policy`: who is paged, where a rule says so.
    """

    kind = "alert_occurrence"

    source = models.ForeignKey(AlertSource, models.PROTECT, related_name="+", verbose_name=_("source"))
    fingerprint = models.CharField(_("fingerprint"), max_length=128)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    seen_at = models.DateTimeField(_("seen at"))
    received_at = models.DateTimeField(_("received at"))
    times = models.PositiveIntegerField(_("messages"), default=1)
    title = models.CharField(_("title"), max_length=160)
    labels = models.JSONField(_("labels"), default=dict)
    annotations = models.JSONField(_("annotations"), default=dict)
    links = ArrayField(models.CharField(max_length=500), verbose_name=_("links"), default=list)
    severity = models.CharField(_("severity"), max_length=40, blank=True)
    service = models.ForeignKey(
        "catalog.Service", models.PROTECT, null=True, related_name="+", verbose_name=_("service")
    )
    environment = models.CharField(_("environment"), max_length=63, blank=True)
    group_key = models.CharField(_("group"), max_length=64)
    routed_by = models.CharField(_("routed by"), max_length=200, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), null=True)
    settle = models.PositiveSmallIntegerField(_("resolved after (minutes)"), null=True)
    policy = models.CharField(_("escalation policy"), max_length=63, blank=True)
    status = models.CharField(
        _("state"), max_length=8, choices=OccurrenceStatus, default=OccurrenceStatus.FIRING, editable=False
    )
    clock_doubt = models.BooleanField(_("its clock is in doubt"), default=False)
    acknowledged_by = models.CharField(_("acknowledged there"), max_length=120, blank=True)
    absent = models.PositiveSmallIntegerField(_("absent"), default=0)
    incident = models.ForeignKey(
        "incidents.Incident", models.PROTECT, null=True, related_name="+", verbose_name=_("incident")
    )
    quiet = models.ForeignKey("incidents.Quiet", models.PROTECT, null=True, related_name="+", verbose_name=_("quiet"))
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["service", "started_at"], name="alert_by_service"),
            models.Index(fields=["-started_at", "-id"], name="alert_by_start"),
            models.Index(fields=["incident"], condition=Q(incident__isnull=False), name="alert_by_incident"),
            models.Index(fields=["seen_at"], condition=Q(ended_at=None), name="alert_open_by_sight"),
            models.Index(fields=["quiet"], condition=Q(quiet__isnull=False), name="alert_by_quiet"),
            models.Index(fields=["received_at"], name="alert_by_receipt"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "fingerprint", "started_at"], name="one_alert_of_a_start"),
            models.UniqueConstraint(
                fields=["source", "fingerprint"], condition=Q(ended_at=None), name="an_alert_fires_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="an_alert_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=(Q(status=OccurrenceStatus.ENDED) & Q(ended_at__isnull=False))
                | (~Q(status=OccurrenceStatus.ENDED) & Q(ended_at=None)),
                name="an_ended_alert_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status=OccurrenceStatus.QUIETED) | Q(quiet__isnull=False),
                name="a_quieted_alert_names_its_quiet",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reference(self) -> str:
        return f"alert {self.pk}"
