"""What impact reads: an arrow from each provider to who feels its failure, and a log by which readers see that it
changed. The database derives both; nobody else writes them."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models.graph_log import LOGGED
from catalog.cmdb.models.items import CI
from catalog.cmdb.models.relations import Group, Relation
from catalog.cmdb.vocabulary import Strength
from itsm.audit.triggers import Guard

_SAYS_WHAT_ITS_RELATION_SAYS = Guard(
    name="says_what_its_relation_says",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="""
    IF NOT EXISTS (
      SELECT FROM catalog_derivedarrow d WHERE d.relation_id = NEW.relation_id AND d.provider_id = NEW.provider_id
      AND d.consumer_id = NEW.consumer_id AND d.strength = NEW.strength AND d.group_id IS NOT DISTINCT FROM NEW.group_id
    ) THEN
      RAISE EXCEPTION 'an arrow says what its relation says' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)


class Arrow(models.Model):
    """A failure of `provider` is felt by `consumer`: hard or soft, alone or as a member of a group."""

    relation = models.OneToOneField(Relation, models.CASCADE, primary_key=True, related_name="arrow")
    provider = models.ForeignKey(CI, models.CASCADE, related_name="felt_by", db_index=False)
    consumer = models.ForeignKey(CI, models.CASCADE, related_name="feels")
    strength = models.CharField(_("strength"), max_length=4, choices=Strength)
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="arrows")

    class Meta:
        app_label = "catalog"
        verbose_name = _("arrow")
        verbose_name_plural = _("arrows")
        ordering = ("relation",)
        indexes = [
            models.Index(fields=["provider"], include=["consumer", "strength", "group"], name="arrow_by_provider")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(strength__in=Strength.values), name="arrow_strength_is_known")
        ]
        triggers = [_SAYS_WHAT_ITS_RELATION_SAYS, *LOGGED]

    def __str__(self) -> str:
        return f"{self.provider_id} to {self.consumer_id}"


class GraphChange(models.Model):
    """One statement changed the graph. A snapshot of the graph is as old as the rows that its reader sees here."""

    at = models.DateTimeField(_("at"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("change of the graph")
        verbose_name_plural = _("changes of the graph")
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.pk)
