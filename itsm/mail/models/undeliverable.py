"""Addresses that mail does not reach, and the bounces that say so (RFC 3464)."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from itsm.kernel.actors import Actor, Role


class Bounce(models.Model):
    """One report that a mail was not delivered, or not yet. `code` is the enhanced status (RFC 3463), such as 5.1.1."""

    address = models.EmailField(_("address"), max_length=254)
    code = models.CharField(_("code"), max_length=12)
    said = models.CharField(_("what the server said"), max_length=300, blank=True)
    outgoing = models.ForeignKey(
        "mail.OutgoingMail", models.SET_NULL, null=True, related_name="bounces", db_index=False
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("bounce")
        verbose_name_plural = _("bounces")
        ordering = ("id",)
        indexes = [models.Index(fields=["address", "at"], name="bounce_by_address")]
        constraints = [
            models.UniqueConstraint(
                fields=["outgoing", "code", "address"], condition=Q(outgoing__isnull=False), name="a_bounce_counts_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.address}"


class UndeliverableQuerySet(models.QuerySet["UndeliverableAddress"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those who talk to people see where nothing arrives."""
        return self if actor.is_system or actor.has(Role.AGENT, Role.MANAGER) else self.none()


class UndeliverableAddress(models.Model):
    """No mail is sent to this address until somebody lifts it."""

    kind = "undeliverable_address"

    address = models.EmailField(_("address"), max_length=254)
    since = models.DateTimeField(_("since"))
    code = models.CharField(_("code"), max_length=12)
    reason = models.CharField(_("reason"), max_length=300)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, editable=False)
    lifted_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", editable=False, db_index=False
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = UndeliverableQuerySet.as_manager()

    class Meta:
        verbose_name = _("undeliverable address")
        verbose_name_plural = _("undeliverable addresses")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["address"], condition=Q(lifted_at=None), name="an_address_is_undeliverable_once"
            ),
            models.CheckConstraint(
                condition=Q(address=Lower(F("address"))), name="undeliverable_addresses_have_small_letters"
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def reference(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        return "/mail/undeliverable/"
