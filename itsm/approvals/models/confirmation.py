"""A confirmation is a write that is not done yet: somebody proposed it, and a second person confirms or declines."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Role
from itsm.approvals.four_eyes import SECOND_PERSON
from itsm.approvals.permissions import readers
from itsm.approvals.workflow import CONFIRMATION, ConfirmationStatus
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def visible_to(self, actor: Actor) -> Self:
        return self if readers(actor) else self.none()

    def waiting(self) -> Self:
        return self.filter(status=ConfirmationStatus.PROPOSED)


class Confirmation(models.Model):
    """A write that could make an answer of the gate more lenient, kept until a second person has looked at it.

    `action` names what is done on the record (see `itsm.approvals.confirming.confirms`), `payload` is all that it
    takes; `differences` says the same for people: {what, before, after}. Who may: a person with one of `roles`
    (owners: in `team`, where there is one), never a natural person of `excluded`, and nobody with an interest in
    what is open about `services`.
    """

    kind = "confirmation"
    untold = ("reason",)
    workflow = CONFIRMATION

    action = models.CharField(_("action"), max_length=60)
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    record_reference = models.CharField(_("record"), max_length=80)
    record_path = models.CharField(_("address"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    payload = models.JSONField(_("payload"))
    payload_hash = models.CharField(_("hash of the payload"), max_length=64)
    differences = models.JSONField(_("differences"))
    services = ArrayField(models.BigIntegerField(), verbose_name=_("services that it is judged for"), default=list)
    roles = ArrayField(models.CharField(max_length=20, choices=Role), verbose_name=_("roles"))
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    excluded = ArrayField(models.BigIntegerField(), verbose_name=_("excluded people"), default=list)
    status = models.CharField(
        _("state"), max_length=10, choices=ConfirmationStatus, default=ConfirmationStatus.PROPOSED
    )
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    # The natural person behind it, as it was then.
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    proposed_at = models.DateTimeField(_("proposed at"))
    expires_at = models.DateTimeField(_("expires at"))
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("confirmation by a second person")
        verbose_name_plural = _("confirmations by a second person")
        ordering = ("-id",)
        triggers = [OnlyMoves(CONFIRMATION), SECOND_PERSON]
        indexes = [
            models.Index(fields=["record_kind", "record_id", "-id"], name="confirmations_of_a_record"),
            models.Index(fields=["status", "-id"], name="confirmations_by_status"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="a_confirmed_write_names_who_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ConfirmationStatus.values), name="confirmation_status_is_known"
            ),
            models.UniqueConstraint(
                fields=["action", "record_kind", "record_id", "payload_hash"],
                condition=Q(status="proposed"),
                name="the_same_write_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.subject}"

    @property
    def reference(self) -> str:
        return reference("CNF", self.pk)

    def get_absolute_url(self) -> str:
        return f"/confirmations/{self.reference}/"
