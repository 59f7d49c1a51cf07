"""Services and the arrows between them."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.services.vocabulary import Tier
from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape

if TYPE_CHECKING:
    from itsm.approvals.models import Confirmation


class ServiceQuerySet(models.QuerySet["Service"]):
    def visible_to(self, actor: Actor) -> "ServiceQuerySet":
        """The catalog is open to everybody who is signed in."""
        return self


class Service(models.Model):
    """Something people or other services rely on, with an owner team."""

    kind = "service"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True, max_length=4000)
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier, default=Tier.SUPPORTING)
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="services", verbose_name=_("owner team")
    )
    # Made by an import that did not say whose it is: people decide about its changes until somebody owns it.
    needs_owner = models.BooleanField(_("needs an owner"), default=False, editable=False)
    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="owned_services", verbose_name=_("owner")
    )
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ServiceQuerySet.as_manager()

    # What a second person must confirm first: filled by operations, not stored.
    awaits: "Confirmation | None" = None

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(condition=Q(tier__range=(1, 4)), name="service_tier_is_1_to_4"),
            models.CheckConstraint(
                condition=Q(needs_owner=False) | Q(team__isnull=True), name="an_owned_service_needs_no_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/services/{self.slug}/"


class Dependency(models.Model):
    """`service` depends on `on`. Within a `redundancy` group, `needs` of its members are enough (n of m)."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="dependencies", verbose_name=_("service"))
    on = models.ForeignKey(Service, models.CASCADE, related_name="dependents", verbose_name=_("depends on"))
    redundancy = models.CharField(_("redundancy group"), max_length=63, blank=True)
    needs = models.PositiveSmallIntegerField(_("needs"), default=1)

    class Meta:
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["service", "on"], name="one_arrow_between_two_services"),
            models.CheckConstraint(condition=~Q(service=F("on")), name="no_service_depends_on_itself"),
            models.CheckConstraint(condition=Q(needs__gte=1), name="a_redundancy_group_needs_at_least_one"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} depends on {self.on_id}"
