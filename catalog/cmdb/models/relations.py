"""How items are related: types with their readings, relations that begin and end, groups of which some are enough."""

from typing import TypeVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models.classes import slug_shape
from catalog.cmdb.models.graph_log import LOGGED
from catalog.cmdb.models.items import CI, PREFIX
from catalog.cmdb.vocabulary import Flow, Grouping, Strength
from itsm.audit.triggers import Guard
from itsm.kernel.references import reference

LONGEST_NAME = 63  # of a group
_End = TypeVar("_End", CI, int)

_MEMBERS_ARE_ITS_CONSUMERS = Guard(
    name="group_is_its_consumers",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("group_id", "source_id", "target_id", "type_id"),
    condition=pgtrigger.Condition("NEW.group_id IS NOT NULL"),
    func="""
    IF NOT EXISTS (
      SELECT FROM catalog_relationtype t, catalog_group g WHERE t.id = NEW.type_id AND g.id = NEW.group_id
      AND g.consumer_id = CASE t.flows WHEN 'to_source' THEN NEW.source_id WHEN 'to_target' THEN NEW.target_id END
    ) THEN
      RAISE EXCEPTION 'a group holds what its own consumer rests on' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
_BEGINS_ARROWS = Guard(
    name="begins_arrows",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    level=pgtrigger.Statement,
    referencing=pgtrigger.Referencing(new="new_rows"),
    func="""
    INSERT INTO catalog_arrow (relation_id, provider_id, consumer_id, strength, group_id)
    SELECT relation_id, provider_id, consumer_id, strength, group_id FROM catalog_derivedarrow
    WHERE relation_id IN (SELECT id FROM new_rows);
    RETURN NULL;
    """,
)
# Only what impact reads makes new arrows: an import that sees a relation again touches none.
_KEEPS_ARROWS = Guard(
    name="keeps_arrows",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    level=pgtrigger.Statement,
    referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
    declare=[("turned", "bigint[]")],
    func="""
    SELECT array_agg(n.id) INTO turned FROM new_rows n JOIN old_rows o USING (id)
    WHERE (n.source_id, n.target_id, n.type_id, n.strength, n.group_id, n.ended_at IS NULL)
      IS DISTINCT FROM (o.source_id, o.target_id, o.type_id, o.strength, o.group_id, o.ended_at IS NULL);
    IF turned IS NOT NULL THEN
      DELETE FROM catalog_arrow WHERE relation_id = ANY (turned);
      INSERT INTO catalog_arrow (relation_id, provider_id, consumer_id, strength, group_id)
      SELECT relation_id, provider_id, consumer_id, strength, group_id FROM catalog_derivedarrow
      WHERE relation_id = ANY (turned);
    END IF;
    RETURN NULL;
    """,
)
# Another meaning of a type is another meaning of every relation of it.
_TURNS_ARROWS = Guard(
    name="turns_arrows",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("flows", "strength"),
    condition=pgtrigger.Condition("((OLD.flows, OLD.strength) IS DISTINCT FROM (NEW.flows, NEW.strength))"),
    func="""
    DELETE FROM catalog_arrow WHERE relation_id IN (SELECT id FROM catalog_relation WHERE type_id = NEW.id);
    INSERT INTO catalog_arrow (relation_id, provider_id, consumer_id, strength, group_id)
    SELECT relation_id, provider_id, consumer_id, strength, group_id FROM catalog_derivedarrow
    WHERE relation_id IN (SELECT id FROM catalog_relation WHERE type_id = NEW.id);
    RETURN NULL;
    """,
)


class RelationType(models.Model):
    """A kind of relation. `reading` goes from source to target, `reverse` back; `flows` says who feels a failure.

    `source_classes`, `target_classes`: ids of classes that its ends are of, or inherit from; empty means any.
    """

    kind = "relation_type"

    slug = models.CharField(_("key"), max_length=40, unique=True, validators=[slug_shape])
    reading = models.CharField(_("reading"), max_length=60)
    reverse = models.CharField(_("reading back"), max_length=60)
    flows = models.CharField(_("a failure flows"), max_length=10, choices=Flow, default=Flow.NONE)
    strength = models.CharField(_("strength"), max_length=4, choices=Strength, default=Strength.HARD)
    grouping = models.CharField(_("grouping"), max_length=12, choices=Grouping, default=Grouping.NONE)
    source_classes = ArrayField(models.BigIntegerField(), default=list, blank=True)
    target_classes = ArrayField(models.BigIntegerField(), default=list, blank=True)
    built_in = models.BooleanField(_("built in"), default=False, editable=False)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("type of relation")
        verbose_name_plural = _("types of relations")
        ordering = ("slug",)
        triggers = [_TURNS_ARROWS]
        constraints = [
            models.CheckConstraint(condition=Q(flows__in=Flow.values), name="relation_flow_is_known"),
            models.CheckConstraint(condition=Q(strength__in=Strength.values), name="relation_type_strength_is_known"),
            models.CheckConstraint(condition=Q(grouping__in=Grouping.values), name="relation_grouping_is_known"),
            models.CheckConstraint(
                condition=Q(grouping=Grouping.NONE) | ~Q(flows=Flow.NONE), name="only_what_flows_is_grouped"
            ),
        ]

    def __str__(self) -> str:
        return _now(self.reading) if self.built_in else self.reading

    @property
    def reference(self) -> str:
        return self.slug

    @property
    def backwards(self) -> str:
        """As it reads from the target."""
        return _now(self.reverse) if self.built_in else self.reverse

    def consumer(self, source: _End, target: _End) -> _End | None:
        """Which of the two ends, items or their ids, feels the other's failure. None: neither does."""
        return {Flow.TO_SOURCE.value: source, Flow.TO_TARGET.value: target}.get(self.flows)

    def provider(self, source: _End, target: _End) -> _End:
        """Which of the two ends the other feels. Asked only where a failure flows."""
        return target if self.flows == Flow.TO_SOURCE else source

    def group_name(self, environment: str) -> str:
        """Of the group that a relation stands in by itself, given its source's environment. Empty: in none."""
        names = {Grouping.ONE.value: self.slug, Grouping.ENVIRONMENT.value: f"{self.slug} {environment}".strip()}
        return names.get(self.grouping, "")[:LONGEST_NAME]


class Group(models.Model):
    """Of its members `needs`, or `needs_share` per cent, keep the consumer from going down.

    `whole_below`: with fewer members up than that the consumer is degraded; null means all of them.
    """

    kind = "redundancy_group"

    consumer = models.ForeignKey(CI, models.PROTECT, related_name="groups", verbose_name=_("consumer"))
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    needs = models.PositiveIntegerField(_("needs"), null=True, blank=True)
    needs_share = models.PositiveSmallIntegerField(_("needs, in per cent"), null=True, blank=True)
    whole_below = models.PositiveIntegerField(_("degraded below"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ("consumer", "name")
        triggers = LOGGED
        constraints = [
            models.UniqueConstraint(fields=["consumer", "name"], name="one_group_of_a_name"),
            models.CheckConstraint(
                condition=Q(needs__gte=1, needs_share=None) | Q(needs=None, needs_share__range=(1, 100)),
                name="a_group_needs_a_number_or_a_share",
            ),
            models.CheckConstraint(
                condition=Q(whole_below=None) | Q(whole_below__gte=1), name="whole_below_is_at_least_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return f"{self.consumer_id}/{self.name}"

    def get_absolute_url(self) -> str:
        return f"/cis/{reference(PREFIX, self.consumer_id)}/groups/{self.pk}/"


class Relation(models.Model):
    """A relation from a source to a target while it lasts. `strength` empty: that of its type.

    `data_source`: who says so (`people`, or a source of an import). `change_reference`: the change that brought it.
    """

    kind = "ci_relation"

    source = models.ForeignKey(CI, models.PROTECT, related_name="relations_out", verbose_name=_("source"))
    target = models.ForeignKey(CI, models.PROTECT, related_name="relations_in", verbose_name=_("target"))
    type = models.ForeignKey(RelationType, models.PROTECT, related_name="relations", verbose_name=_("type"))
    strength = models.CharField(_("strength"), max_length=4, choices=Strength, blank=True)
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="relations", verbose_name=_("group")
    )
    data_source = models.CharField(_("source of the data"), max_length=63, default="people")
    change_reference = models.CharField(_("change"), max_length=20, blank=True)
    first_seen = models.DateTimeField(_("first seen"), auto_now_add=True)
    last_seen = models.DateTimeField(_("last seen"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering = ("id",)
        triggers = [_MEMBERS_ARE_ITS_CONSUMERS, _BEGINS_ARROWS, _KEEPS_ARROWS]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "type"],
                condition=Q(ended_at=None),
                name="one_living_relation_of_a_type_between_two_items",
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="no_item_is_related_to_itself"),
            models.CheckConstraint(condition=Q(strength__in=["", *Strength.values]), name="relation_strength_is_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("first_seen")), name="a_relation_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.type_id} {self.target_id}"

    @property
    def reference(self) -> str:
        return str(self.pk)
