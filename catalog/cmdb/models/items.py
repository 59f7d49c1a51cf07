"""Configuration items, what identifies them, and how they are just now."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Upper
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models.classes import CIClass
from catalog.cmdb.permissions import confidential_readers, item_readers
from catalog.cmdb.vocabulary import State, Status
from catalog.cmdb.workflow import WORKFLOW
from itsm.audit.legal_moves import OnlyMoves
from itsm.audit.triggers import Guard
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference

PREFIX = "CI"
MOST_BYTES = 64_000

# A service writes its name, team and description through to its item; nobody else writes them there.
_SAYS_WHAT_ITS_SERVICE_SAYS = Guard(
    name="says_what_its_service_says",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("name", "team_id", "description"),
    condition=pgtrigger.Condition(
        "((OLD.name, OLD.team_id, OLD.description) IS DISTINCT FROM (NEW.name, NEW.team_id, NEW.description))"
    ),
    func="""
    IF EXISTS (
      SELECT FROM catalog_service s WHERE s.id = NEW.id
      AND (s.name, s.team_id, s.description) IS DISTINCT FROM (NEW.name, NEW.team_id, NEW.description)
    ) THEN
      RAISE EXCEPTION 'the item of a service says what the service says' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
# What is retired, or lives on in another item, carries no failure: its arrows go, and come back with it.
_ARROWS_FOLLOW_LIFE = Guard(
    name="arrows_follow_life",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    level=pgtrigger.Statement,
    referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
    declare=[("turned", "bigint[]")],
    func="""
    SELECT array_agg(n.id) INTO turned FROM new_rows n JOIN old_rows o USING (id)
    WHERE (n.status = 'retired' OR n.merged_into_id IS NOT NULL)
      <> (o.status = 'retired' OR o.merged_into_id IS NOT NULL);
    IF turned IS NOT NULL THEN
      DELETE FROM catalog_arrow WHERE provider_id = ANY (turned) OR consumer_id = ANY (turned);
      INSERT INTO catalog_arrow (relation_id, provider_id, consumer_id, strength, group_id)
      SELECT relation_id, provider_id, consumer_id, strength, group_id FROM catalog_derivedarrow
      WHERE provider_id = ANY (turned) OR consumer_id = ANY (turned);
    END IF;
    RETURN NULL;
    """,
)


class CIQuerySet(models.QuerySet["CI"]):
    def visible_to(self, actor: Actor) -> "CIQuerySet":
        """Who works here sees items; a confidential one only its owner team, change managers and auditors."""
        if not item_readers(actor):
            return self.none()
        if confidential_readers(actor):
            return self
        return self.filter(Q(confidential=False) | Q(team__in=actor.teams))


class CI(models.Model):
    """A configuration item. A service is one as well, of the same id: the database keeps both together.

    `environment`: a name of the register, or empty. `team` owns it, `support_team` is called first. `attributes`:
    values of its class's typed fields. `confidential`: only the owner team, managers and auditors see it.
    `merged_into`: the item that it lives on in.
    """

    kind = "ci"
    workflow = WORKFLOW
    # What its own history tells, key by key.
    untold = ("attributes",)

    ci_class = models.ForeignKey(CIClass, models.PROTECT, related_name="items", verbose_name=_("class"))
    name = models.CharField(_("name"), max_length=200)
    status = models.CharField(_("state"), max_length=12, choices=Status, default=Status.PLANNED)
    environment = models.CharField(_("environment"), max_length=40, blank=True)
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner team")
    )
    support_team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("support team")
    )
    description = models.TextField(_("description"), blank=True, max_length=4000)
    attributes = models.JSONField(_("fields"), default=dict, blank=True)
    confidential = models.BooleanField(_("confidential"), default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", editable=False, db_index=False
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    last_seen_at = models.DateTimeField(_("last seen at"), null=True, blank=True, editable=False)
    certified_at = models.DateTimeField(_("certified at"), null=True, blank=True, editable=False)
    certified_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = CIQuerySet.as_manager()

    class Meta:
        app_label = "catalog"
        verbose_name = _("configuration item")
        verbose_name_plural = _("configuration items")
        ordering = ("id",)
        triggers = [OnlyMoves(WORKFLOW), _SAYS_WHAT_ITS_SERVICE_SAYS, _ARROWS_FOLLOW_LIFE]
        indexes = [
            models.Index(fields=["ci_class", "status", "id"], name="ci_by_class"),
            models.Index(fields=["environment", "ci_class"], name="ci_by_environment"),
            # Of the few that were merged: an index of all others would only tempt whoever plans a list.
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="ci_merged_into"),
            # Of the few of which not everybody may know.
            models.Index(fields=["team"], condition=Q(confidential=True), name="ci_confidential"),
            GinIndex(OpClass("attributes", name="jsonb_path_ops"), name="ci_attributes"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="ci_name_trigrams"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="ci_state_is_known"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="no_item_lives_on_in_itself"
            ),
            models.CheckConstraint(
                condition=Q(
                    GreaterThan(
                        Value(MOST_BYTES),
                        Func(
                            Cast("attributes", models.TextField()),
                            function="octet_length",
                            output_field=models.IntegerField(),
                        ),
                    )
                ),
                name="ci_attributes_are_small",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return reference(PREFIX, self.pk)

    def get_absolute_url(self) -> str:
        return f"/cis/{self.reference}/"


class Identifier(models.Model):
    """A value by which an item is known in a scheme (serial, fqdn, name+system), normalised.

    `contested`: several items lay claim to it, so that it identifies none of them.
    """

    ci = models.ForeignKey(CI, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(_("scheme"), max_length=80)
    value = models.CharField(_("value"), max_length=500)
    contested = models.BooleanField(_("contested"), default=False)

    class Meta:
        app_label = "catalog"
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ("scheme", "value")
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "value"], condition=Q(contested=False), name="an_identifier_names_one_item"
            ),
            models.UniqueConstraint(fields=["ci", "scheme", "value"], name="an_item_has_an_identifier_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


class Condition(models.Model):
    """How an item is just now, as a monitor (`source`: the account that `said` it) says, until it is over.

    Not said again by `fresh_until` it is stale, and counts all the same.
    """

    ci = models.ForeignKey(CI, models.CASCADE, related_name="conditions")
    state = models.CharField(_("state"), max_length=8, choices=State)
    source = models.CharField(_("source"), max_length=150)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    said_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    said_at = models.DateTimeField(_("said at"))
    fresh_until = models.DateTimeField(_("fresh until"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("condition of an item")
        verbose_name_plural = _("conditions of items")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[State.DEGRADED, State.DOWN]), name="a_condition_is_a_fault"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="a_condition_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=["ci", "source"], condition=Q(until=None), name="one_open_condition_of_a_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ci_id} is {self.state}"

    @property
    def is_stale(self) -> bool:
        """Whether its monitor has been silent for too long."""
        return self.until is None and timezone.now() > self.fresh_until
