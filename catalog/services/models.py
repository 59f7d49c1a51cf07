"""Services."""

from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.services.vocabulary import ServiceType, Tier
from itsm.accounts import audiences
from itsm.audit.triggers import Guard
from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape

if TYPE_CHECKING:
    from itsm.approvals.models import Confirmation


# A service is a configuration item of the same id (the database takes it from the items' sequence): whoever adds one,
# by whatever statement, adds its item.
_BEGINS_ITEM = Guard(
    name="begins_item",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
    INSERT INTO catalog_ci (id, ci_class_id, name, status, environment, team_id, support_team_id, description,
                            attributes, confidential, reason, created_at, version)
    VALUES (NEW.id, (SELECT id FROM catalog_ciclass WHERE slug = NEW.service_type || '_service'), NEW.name, 'active',
            '', NEW.team_id, NEW.support_team_id, NEW.description, '{}', false, '', NEW.created_at, 1);
    RETURN NEW;
    """,
)
_NAMES_ITEM = Guard(
    name="names_item",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("name", "service_type", "team_id", "support_team_id", "description"),
    condition=pgtrigger.Condition(
        "((OLD.name, OLD.service_type, OLD.team_id, OLD.support_team_id, OLD.description)"
        " IS DISTINCT FROM (NEW.name, NEW.service_type, NEW.team_id, NEW.support_team_id, NEW.description))"
    ),
    func="""
    UPDATE catalog_ci SET name = NEW.name, team_id = NEW.team_id, support_team_id = NEW.support_team_id,
      ci_class_id = (SELECT id FROM catalog_ciclass WHERE slug = NEW.service_type || '_service'),
      description = NEW.description, version = version + 1
    WHERE id = NEW.id;
    RETURN NULL;
    """,
)
# Only a service on which nothing stands is taken back, and its item with it. The item's history stays.
_TAKES_ITEM_BACK = Guard(
    name="takes_item_back",
    when=pgtrigger.After,
    operation=pgtrigger.Delete,
    func="""
    DELETE FROM catalog_arrow WHERE provider_id = OLD.id OR consumer_id = OLD.id;
    DELETE FROM catalog_relation WHERE source_id = OLD.id OR target_id = OLD.id;
    DELETE FROM catalog_group WHERE consumer_id = OLD.id;
    DELETE FROM catalog_identifier WHERE ci_id = OLD.id;
    DELETE FROM catalog_condition WHERE ci_id = OLD.id;
    DELETE FROM catalog_ci WHERE id = OLD.id;
    RETURN NULL;
    """,
)


class ServiceQuerySet(models.QuerySet["Service"]):
    def visible_to(self, actor: Actor) -> "ServiceQuerySet":
        """Who works here sees every service, others those whose audience they are in."""
        return self.filter(audiences.seen_by(actor))


class Service(models.Model):
    """Something people or other services rely on, with an owner team.

    `support_team`: who is asked first when it fails, where that is not the owner team. `audience`: who beside those who
    work here may see it (`itsm.accounts.audiences`).
    """

    kind = "service"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True, max_length=4000)
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier, default=Tier.SUPPORTING)
    service_type = models.CharField(
        _("kind of service"), max_length=9, choices=ServiceType, default=ServiceType.TECHNICAL
    )
    audience = ArrayField(models.CharField(max_length=30), default=audiences.everybody, verbose_name=_("audience"))
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="services", verbose_name=_("owner team")
    )
    support_team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="supported_services",
        verbose_name=_("support team"),
    )  # fmt: skip
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
        triggers = [_BEGINS_ITEM, _NAMES_ITEM, _TAKES_ITEM_BACK]
        indexes = [GinIndex(fields=["audience"], name="service_audience")]
        constraints = [
            models.CheckConstraint(
                condition=Q(service_type__in=("business", "technical")), name="service_kind_is_known"
            ),
            models.CheckConstraint(condition=audiences.is_well_formed(), name="service_audience_is_known"),
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
