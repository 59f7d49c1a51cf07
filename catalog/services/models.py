"""Services and the arrows between them."""

from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.services.vocabulary import Tier
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
    INSERT INTO catalog_ci (id, ci_class_id, name, status, environment, team_id, description, attributes, confidential,
                            reason, created_at, version)
    VALUES (NEW.id, (SELECT id FROM catalog_ciclass WHERE slug = 'technical_service'), NEW.name, 'active', '',
            NEW.team_id, NEW.description, '{}', false, '', NEW.created_at, 1);
    RETURN NEW;
    """,
)
_NAMES_ITEM = Guard(
    name="names_item",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("name", "team_id", "description"),
    condition=pgtrigger.Condition(
        "((OLD.name, OLD.team_id, OLD.description) IS DISTINCT FROM (NEW.name, NEW.team_id, NEW.description))"
    ),
    func="""
    UPDATE catalog_ci SET name = NEW.name, team_id = NEW.team_id, description = NEW.description, version = version + 1
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
    DELETE FROM catalog_ci_service WHERE ci_id = OLD.id;
    DELETE FROM catalog_identifier WHERE ci_id = OLD.id;
    DELETE FROM catalog_condition WHERE ci_id = OLD.id;
    DELETE FROM catalog_ci WHERE id = OLD.id;
    RETURN NULL;
    """,
)


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
        triggers = [_BEGINS_ITEM, _NAMES_ITEM, _TAKES_ITEM_BACK]
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
    """`service` depends on `on`. Within a `redundancy` group, `needs` of its members are enough (n of m).

    A view of the hard arrows between services, which takes rows in and out as the table that it was.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="dependencies", verbose_name=_("service"))
    on = models.ForeignKey(Service, models.CASCADE, related_name="dependents", verbose_name=_("depends on"))
    redundancy = models.CharField(_("redundancy group"), max_length=63, blank=True)
    needs = models.PositiveSmallIntegerField(_("needs"), default=1)

    class Meta:
        managed = False
        db_table = "catalog_dependency"
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.service_id} depends on {self.on_id}"
