"""What principals say about artifacts, and whose word counts: the only proof that lowers risk."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from changes.gate.artifacts import IMMUTABLE
from itsm.audit import append_only
from itsm.notifications.web_addresses import MAX_LENGTH, web_address


class Attestation(models.Model):
    """What a principal other than the requester says about an artifact: the only proof that lowers risk."""

    class About(models.TextChoices):
        PEER_REVIEW = "peer_review", _("reviewed by another person")
        TESTS = "tests", _("tests")
        SCANS = "scans", _("scans")
        ROLLBACK_TESTED = "rollback_tested", _("rollback was tested")
        PROGRESSIVE = "progressive", _("progressive rollout")

    kind = "attestation"

    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="+", verbose_name=_("service"))
    artifact_digest = models.CharField(_("artifact digest"), max_length=200)
    about = models.CharField(_("about"), max_length=20, choices=About)
    passed = models.IntegerField(_("passed"), default=0)  # tests that passed; for a yes or no: 1 means yes
    failed = models.IntegerField(_("failed"), default=0)  # tests that failed, blocking findings
    source = models.CharField(_("source"), max_length=60)
    url = models.CharField(_("address"), max_length=MAX_LENGTH, blank=True, validators=[web_address])
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    # A word is taken back by a row of its own, which its author alone may write.
    withdraws = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="withdrawal", verbose_name=_("withdraws")
    )

    class Meta:
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [models.Index(fields=["artifact_digest", "service", "-id"], name="attestation_by_artifact")]
        constraints = [
            models.CheckConstraint(condition=Q(passed__gte=0, failed__gte=0), name="attested_counts_are_not_negative"),
            models.CheckConstraint(
                condition=Q(artifact_digest__regex=IMMUTABLE.pattern), name="an_attestation_names_what_cannot_change"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} of {self.artifact_digest}"

    @property
    def reference(self) -> str:
        return f"attestation-{self.pk}"


class Attestor(models.Model):
    """An account whose word about one subject counts for one service, on the name of an owner or manager."""

    kind = "attestor"

    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="attestors", verbose_name=_("service"))
    about = models.CharField(_("about"), max_length=20, choices=Attestation.About)
    account = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("account"))
    named_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("named by"))
    named_at = models.DateTimeField(_("named at"))
    dismissed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("attestor")
        verbose_name_plural = _("attestors")
        ordering = ("service", "about", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "about", "account"],
                condition=Q(dismissed_at=None),
                name="an_attestor_is_named_once",
            ),
            models.CheckConstraint(
                condition=Q(dismissed_at=None, dismissed_by=None)
                | Q(dismissed_at__isnull=False, dismissed_by__isnull=False),
                name="a_dismissal_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} about {self.about}"

    @property
    def reference(self) -> str:
        return f"attestor-{self.pk}"
