"""Agreements in their order, each with versions that never change."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.alike import ReadAlike
from itsm.audit import append_only

METRICS = ("first_response", "update", "resolve", "fulfil")
METRIC_WORDS = {
    "first_response": _("First response"), "update": _("Update"), "resolve": _("Resolve"), "fulfil": _("Fulfil"),
}  # fmt: skip
CHANNELS = ("portal", "phone", "mail", "chat", "alert", "api", "import")
HOLD_REASONS = ("caller", "vendor", "change", "problem", "other")
TOLD = ("assignee", "team", "lead")


class Agreement(models.Model):
    """What it is for: an empty condition means any. Of those that match, one for an offering beats one for a service,
    that one for a tier, that one for all; among equals the lowest `position` holds.

    `number` is that of its newest version. `party`: with whom it is agreed. It holds for what begins in
    [`valid_from`, `valid_until`); what began under it keeps it. Only a service level agreement holds for a record: the
    others stand behind one.
    """

    class Type(models.TextChoices):
        SLA = "sla", _("Service level agreement")
        OLA = "ola", _("Operational level agreement")
        UNDERPINNING = "underpinning", _("Underpinning contract")

    kind = "agreement"

    name = models.CharField(_("name"), max_length=80, unique=True)
    name_key = ReadAlike(of="name", unique=True)
    agreement_type = models.CharField(_("kind"), max_length=12, choices=Type, default=Type.SLA)
    party = models.CharField(_("agreed with"), max_length=120, blank=True)
    position = models.PositiveIntegerField(_("position"), default=100)
    service = models.ForeignKey(
        "catalog.Service", models.PROTECT, null=True, blank=True, related_name="agreements", verbose_name=_("service")
    )
    offering = models.ForeignKey(
        "catalog.Offering", models.PROTECT, null=True, blank=True, related_name="agreements", verbose_name=_("offering")
    )
    tier = models.PositiveSmallIntegerField(_("tier"), null=True, blank=True)
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), null=True, blank=True)
    category = models.CharField(_("category"), max_length=200, blank=True)
    channel = models.CharField(_("channel"), max_length=10, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    number = models.PositiveIntegerField(_("newest version"), default=1)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(condition=Q(tier=None) | Q(tier__range=(1, 4)), name="agreement_tier_is_1_to_4"),
            models.CheckConstraint(
                condition=Q(priority=None) | Q(priority__range=(1, 5)), name="agreement_priority_is_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(agreement_type__in=("sla", "ola", "underpinning")), name="agreement_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(channel__in=("", *CHANNELS)), name="agreement_channel_is_known"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_from__lt=F("valid_until")),
                name="agreement_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(offering=None) | Q(service=None), name="agreement_is_for_an_offering_or_a_service"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/agreements/{self.pk}/"


class AgreementVersion(models.Model):
    """Targets in minutes by metric, and what goes with them. Clocks keep the version that they began with.

    `availability`: the share of time or of events, above 0 and at most 1, that is promised of the service.

    `pauses`: hold reasons that stop the resolve clock. `warn`: per cent. `on_reopen`: the resolve clock goes on, or
    begins again. `levels`: [{after_minutes, tell, raise_to}]. Who wrote it is no foreign key: history outlives people.
    """

    class OnReopen(models.TextChoices):
        CONTINUE = "continue", _("goes on")
        RESTART = "restart", _("begins again")

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions", verbose_name=_("agreement"))
    number = models.PositiveIntegerField(_("number"))
    calendar = models.ForeignKey(
        "clocks.Calendar", models.PROTECT, null=True, related_name="+", verbose_name=_("calendar")
    )
    targets = models.JSONField(_("targets"))
    availability = models.DecimalField(_("availability"), max_digits=10, decimal_places=9, null=True)
    pauses = models.JSONField(_("pauses"), default=list)
    warn = models.JSONField(_("warns at"), default=list)
    on_reopen = models.CharField(_("when reopened"), max_length=8, choices=OnReopen, default=OnReopen.CONTINUE)
    levels = models.JSONField(_("levels"), default=list)
    by_id = models.BigIntegerField(_("by"), null=True)
    by_name = models.CharField(_("by name"), max_length=150)
    at = models.DateTimeField(_("at"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("version of an agreement")
        verbose_name_plural = _("versions of agreements")
        ordering = ("agreement", "-number")
        triggers = append_only.KEPT
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="one_agreement_version_of_a_number"),
            models.CheckConstraint(
                condition=Q(availability=None) | Q(availability__gt=0, availability__lte=1),
                name="agreement_availability_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(on_reopen__in=("continue", "restart")), name="agreement_reopens_by_a_known_rule"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} v{self.number}"
