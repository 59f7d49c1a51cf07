"""Offerings: what people may ask for under a service."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.accounts import audiences
from itsm.accounts.permissions import staff
from itsm.alike import ReadAlike
from itsm.kernel.actors import Actor


class OfferingQuerySet(models.QuerySet["Offering"]):
    def visible_to(self, actor: Actor) -> "OfferingQuerySet":
        """Who works here sees all of them, others what is offered to them now."""
        return self if staff(actor) else self.living().filter(audiences.seen_by(actor))

    def living(self) -> "OfferingQuerySet":
        """Those that are offered."""
        return self.filter(retired_at=None)


class Offering(models.Model):
    """What people may ask for under a service. Nobody sees it who does not see the service: operations keep its
    audience within the service's.

    `agreement`: what it promises by name, whatever other agreements say of the service.
    """

    kind = "offering"

    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="offerings", verbose_name=_("service"))
    name = models.CharField(_("name"), max_length=120)
    name_key = ReadAlike(of="name")
    description = models.TextField(_("description"), blank=True, max_length=4000)
    audience = ArrayField(models.CharField(max_length=30), default=audiences.everybody, verbose_name=_("audience"))
    agreement = models.ForeignKey(
        "catalog.Agreement", models.PROTECT, null=True, blank=True, related_name="named_by",
        verbose_name=_("agreement"),
    )  # fmt: skip
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = OfferingQuerySet.as_manager()

    class Meta:
        app_label = "catalog"
        verbose_name = _("offering")
        verbose_name_plural = _("offerings")
        ordering = ("name", "id")
        indexes = [GinIndex(fields=["audience"], name="offering_audience")]
        constraints = [
            models.UniqueConstraint(fields=["service", "name_key"], name="one_offering_of_a_name_in_a_service"),
            models.CheckConstraint(condition=audiences.is_well_formed(), name="offering_audience_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/offerings/{self.pk}/"
