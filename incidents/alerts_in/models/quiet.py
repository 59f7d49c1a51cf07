"""What a change keeps quiet while it is at work, here and in other systems."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.alerts_in.models.source import AlertSource
from incidents.alerts_in.vocabulary import CopyStatus, QuietStatus

LONGEST = timedelta(hours=24)


class Quiet(models.Model):
    """For these services in this environment, and `matchers`: [{name, value}] that an alert must have besides, exactly.

    `services`: keys of those it is for. `hidden`: how many alerts it kept quiet.
    """

    kind = "quiet"

    change_reference = models.CharField(_("change"), max_length=40)
    matchers = models.JSONField(_("matchers"), default=list)
    services = ArrayField(models.BigIntegerField(), verbose_name=_("services"))
    environment = models.CharField(_("environment"), max_length=63)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    status = models.CharField(_("state"), max_length=8, choices=QuietStatus, default=QuietStatus.PLANNED)
    why = models.CharField(_("why it ended"), max_length=200, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True)
    hidden = models.PositiveIntegerField(_("kept quiet"), default=0)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("quiet")
        verbose_name_plural = _("quiets")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["change_reference"], name="quiet_by_change"),
            models.Index(fields=["ends_at"], condition=Q(status="active"), name="quiet_active"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_quiet_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + LONGEST), name="a_quiet_lasts_a_day_at_most"
            ),
            models.CheckConstraint(condition=Q(services__len__gte=1), name="a_quiet_is_for_services"),
            models.CheckConstraint(condition=~Q(environment=""), name="a_quiet_is_for_an_environment"),
            models.UniqueConstraint(
                fields=["change_reference"],
                condition=Q(status__in=["planned", "active"]),
                name="a_change_has_one_quiet_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"quiet {self.pk} of {self.change_reference}"


class QuietCopy(models.Model):
    """The silence in one Alertmanager that holds a quiet for one service there: a lease, renewed while it is active."""

    quiet = models.ForeignKey(Quiet, models.PROTECT, related_name="copies", verbose_name=_("quiet"))
    source = models.ForeignKey(AlertSource, models.PROTECT, related_name="+", verbose_name=_("source"))
    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="+", verbose_name=_("service"))
    silence_id = models.CharField(_("silence there"), max_length=64, blank=True)
    status = models.CharField(_("state"), max_length=8, choices=CopyStatus, default=CopyStatus.FAILED)
    leased_until = models.DateTimeField(_("leased until"), null=True)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("copy of a quiet")
        verbose_name_plural = _("copies of quiets")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["quiet", "source", "service"], name="one_copy_of_a_quiet_in_a_source")
        ]

    def __str__(self) -> str:
        return f"{self.quiet_id} in {self.source_id}"
