"""Deployments: what really went out, each under one authorisation, used once."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.notifications.web_addresses import MAX_LENGTH, web_address


class Deployment(models.Model):
    class Status(models.TextChoices):
        STARTED = "started", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        ROLLED_BACK = "rolled_back", _("rolled back")

    class Watch(models.TextChoices):
        OPEN = "", _("still watched")
        CLEAN = "clean", _("clean")
        UNCLEAN = "unclean", _("not clean")

    class Witness(models.TextChoices):
        NOBODY = "", _("nobody but those who wanted it")
        MEASURED = "measured", _("its objectives, as others measure them")
        PERSON = "person", _("a person without a stake in it")

    kind = "deployment"

    change = models.ForeignKey("changes.Change", models.PROTECT, related_name="deployments", verbose_name=_("change"))
    number = models.PositiveSmallIntegerField(_("number"))
    evaluation = models.OneToOneField("changes.Evaluation", models.PROTECT, related_name="deployment")
    environment = models.CharField(_("environment"), max_length=40)
    artifact_digest = models.CharField(_("artifact digest"), max_length=200, blank=True)
    artifact_version = models.CharField(_("version"), max_length=100, blank=True)
    status = models.CharField(_("state"), max_length=12, choices=Status, default=Status.STARTED)
    url = models.CharField(_("address"), max_length=MAX_LENGTH, blank=True, validators=[web_address])
    started_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    watched_until = models.DateTimeField(_("watched until"), null=True, blank=True)
    # How the watch ended. That it ended clean says that nobody saw it burn; that it works, a witness says.
    watch = models.CharField(_("watch"), max_length=8, choices=Watch, default=Watch.OPEN, blank=True)
    watch_ended_at = models.DateTimeField(_("watch ended at"), null=True, blank=True)
    # Who saw it: whoever wanted it, and their programs, say "succeeded" of themselves, which proves nothing.
    witness = models.CharField(
        _("who saw that it works"), max_length=8, choices=Witness, default=Witness.NOBODY, blank=True
    )

    class Meta:
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["artifact_digest", "environment"], name="deployment_by_digest"),
            models.Index(fields=["watched_until"], condition=Q(watch=""), name="deployment_still_watched"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["change", "number"], name="one_deployment_of_a_number_per_change"),
            models.CheckConstraint(
                condition=Q(status="started", finished_at=None) | (~Q(status="started") & Q(finished_at__isnull=False)),
                name="a_finished_deployment_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(watch="clean") | Q(status="succeeded", watch_ended_at__gte=F("watched_until")),
                name="a_clean_watch_was_watched_to_its_end",
            ),
            models.CheckConstraint(
                condition=Q(witness="") | Q(witness__in=("measured", "person"), status="succeeded"),
                name="what_somebody_saw_work_has_succeeded",
            ),
        ]

    def __str__(self) -> str:
        return f"deployment {self.number} of change {self.change_id}"

    @property
    def reference(self) -> str:
        return f"deployment-{self.pk}"

    @property
    def is_known_to_work(self) -> bool:
        """It was watched to a clean end, and somebody without a stake in it saw so."""
        return self.watch == self.Watch.CLEAN and self.witness != self.Witness.NOBODY

    @property
    def why_unknown(self) -> Any:
        """Why it is not known to work, and so what going back to it may take; a lazy text, empty where it is known."""
        if self.is_known_to_work:
            return ""
        if self.watch == self.Watch.CLEAN:
            return _("Nobody but those who wanted it saw it work there, so that people may decide.")
        return _("It was not watched to a clean end there, so that people may decide.")
