"""Incidents: an unplanned interruption of a service, or a drop in its quality."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zlib import crc32

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Upper
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.incident.models.kinship import ONE_LEVEL
from incidents.incident.models.open_spans import BEGINS_OPEN, OPENS_AND_ENDS
from incidents.incident.models.placing import Category
from incidents.incident.models.standing import OF_INCIDENTS
from incidents.incident.models.updated import UPDATED
from incidents.incident.vocabulary import (
    CancelCode,
    Channel,
    HoldReason,
    Level,
    Priority,
    PriorityBy,
    ResolutionCode,
)
from incidents.incident.workflow import OPEN, OVER, WORKFLOW, Status
from itsm.accounts.operations import triage_id
from itsm.accounts.permissions import colleagues
from itsm.accounts.queues import rights_in_queues
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference
from itsm.work import labels
from itsm.work.watching import watched_by

if TYPE_CHECKING:
    from itsm.approvals.models import Confirmation


GRAVE = Q(priority=Priority.CRITICAL) | Q(major=True)  # open ones wake people, come first, and hold changes
LABELLED = ~Q(labels=[])
NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # nothing is due: sorts last, and a row comparison needs no null
MAX_ATTRIBUTES = 32 * 1024
# What reports of a period ask of what was opened in it: answered by the index alone.
_REPORTED = [
    "team", "priority", "status", "service", "merged_into", "reopened", "reassigned", "escalated_functionally",
    "escalated_hierarchically", "id",
]  # fmt: skip


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, actor: Actor) -> "IncidentQuerySet":
        """Who works here sees every queue that is not hidden from them; everybody sees what is theirs.

        Exclusion, not a list of what is seen: the planner walks the page's order and drops a few rows.
        """
        if actor.is_system:
            return self
        if not colleagues(actor):
            return self.filter(theirs(actor))
        if hidden := rights_in_queues(actor).hidden:
            return self.filter(~Q(team__in=sorted(hidden)) | theirs(actor))
        return self

    def still_open(self) -> "IncidentQuerySet":
        return self.filter(status__in=OPEN)


def theirs(actor: Actor) -> Q:
    """Those that the actor is affected by, reported, or watches."""
    return Q(caller=actor.id) | Q(opened_by=actor.id) | Q(pk__in=watched_by(Incident.kind, actor.id))


class Incident(models.Model):
    """`caller`: who is affected; `opened_by`: who reported it, for them or for themselves. `team`: its queue.

    `next_due`: when the earliest of its clocks runs out; not part of `version`, since clocks move without anybody.
    """

    kind = "incident"
    workflow = WORKFLOW
    untold = ("attributes", "reason", "resolution", "resolved_at", "alert", "closed_at", "acknowledged_at",
              "first_response_at", "first_contact", "caller_spoke_at", "agent_spoke_at", "next_due", "updated_at",
              "acknowledge_s", "response_s", "resolve_s", "reopened", "reassigned", "escalated_functionally",
              "escalated_hierarchically", "parent_id", "merged_into_id")  # fmt: skip

    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("description"), blank=True, max_length=20_000)
    service = models.ForeignKey(
        "catalog.Service",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("service"),
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, related_name="+", default=triage_id, verbose_name=_("queue")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.PORTAL)
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Level, null=True, blank=True)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Level, null=True, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.MODERATE)
    priority_by = models.CharField(
        _("priority given by"), max_length=10, choices=PriorityBy, default=PriorityBy.PERSON, editable=False
    )
    priority_why = models.CharField(_("why this priority"), max_length=500, blank=True)
    major = models.BooleanField(_("major incident"), default=False)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.NEW, editable=False)
    data_loss = models.BooleanField(_("data was lost"), default=False)
    hold_reason = models.CharField(_("waits for"), max_length=10, choices=HoldReason, blank=True)
    hold_until = models.DateTimeField(_("waits until"), null=True, blank=True)
    caller = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("caller")
    )
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    assigned_to = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assigned to")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", editable=False)
    # Where it came from: a burn alert names itself here, once. Confirmed: an alert or another person saw it too.
    source_key = models.CharField(max_length=120, unique=True, null=True, editable=False)  # noqa: DJ001 -- unique where given
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)
    resolution = models.TextField(_("resolution"), blank=True, max_length=20_000)
    resolution_code = models.CharField(_("outcome"), max_length=20, choices=ResolutionCode, blank=True)
    cancel_code = models.CharField(_("why it was none"), max_length=20, choices=CancelCode, blank=True)
    attributes = models.JSONField(_("fields"), default=dict, blank=True)
    labels = ArrayField(models.CharField(max_length=labels.LONGEST), verbose_name=_("labels"), default=list, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True, editable=False)
    first_response_at = models.DateTimeField(_("first response at"), null=True, blank=True, editable=False)
    caller_spoke_at = models.DateTimeField(_("caller spoke at"), null=True, blank=True, editable=False)
    agent_spoke_at = models.DateTimeField(_("desk spoke at"), null=True, blank=True, editable=False)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    # Seconds that its clocks had counted by then, kept beside the instants: reports of many need no join.
    acknowledge_s = models.PositiveIntegerField(_("seconds to acknowledge"), null=True, editable=False)
    response_s = models.PositiveIntegerField(_("seconds to first response"), null=True, editable=False)
    resolve_s = models.PositiveIntegerField(_("seconds to resolve"), null=True, editable=False)
    # Resolved by whom first worked on it, with one public word at most; settled as it is resolved.
    first_contact = models.BooleanField(_("solved at first contact"), default=False, editable=False)
    next_due = models.DateTimeField(_("due"), default=NEVER, editable=False)
    reopened = models.PositiveSmallIntegerField(_("reopened"), default=0, editable=False)
    reassigned = models.PositiveSmallIntegerField(_("reassigned"), default=0, editable=False)
    escalated_functionally = models.PositiveSmallIntegerField(_("escalated to specialists"), default=0, editable=False)
    escalated_hierarchically = models.PositiveSmallIntegerField(_("escalated to leads"), default=0, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = IncidentQuerySet.as_manager()

    # What a second person must confirm first: filled by operations, not stored.
    awaits: "Confirmation | None" = None

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW), ONE_LEVEL, UPDATED, BEGINS_OPEN, OPENS_AND_ENDS, *OF_INCIDENTS]
        indexes = [
            models.Index(fields=["priority", "id"], condition=Q(status__in=OPEN), name="incident_open_by_priority"),
            models.Index(fields=["next_due", "priority", "id"], condition=Q(status__in=OPEN), name="incident_open_due"),
            models.Index(
                fields=["team", "next_due", "priority", "id"],
                condition=Q(status__in=OPEN),
                name="incident_open_by_team_due",
            ),
            models.Index(
                fields=["assigned_to", "next_due", "priority", "id"],
                condition=Q(status__in=OPEN),
                name="incident_open_by_person_due",
            ),
            models.Index(
                fields=["team", "next_due", "priority", "id"],
                condition=Q(status__in=OPEN, assigned_to=None),
                name="incident_open_unassigned_due",
            ),
            models.Index(fields=["team", "-id"], name="incident_by_team"),
            models.Index(fields=["-updated_at", "-id"], name="incident_by_update"),
            models.Index(fields=["caller", "-id"], name="incident_by_caller"),
            models.Index(fields=["opened_by", "-id"], name="incident_by_opener"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="incident_by_parent"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="incident_by_survivor"),
            # Whose span or clock it is, and whether a report counts it: without a look at the row.
            models.Index(fields=["id"], include=["team", "merged_into"], name="incident_by_key"),
            models.Index(fields=["opened_at"], include=_REPORTED, name="incident_by_opening"),
            models.Index(
                fields=["resolved_at"],
                include=[
                    "team",
                    "priority",
                    "status",
                    "service",
                    "merged_into",
                    "first_contact",
                    "resolve_s",
                    "opened_at",
                ],
                condition=Q(resolved_at__isnull=False),
                name="incident_by_resolution",
            ),
            models.Index(
                fields=["acknowledged_at"], condition=Q(acknowledged_at__isnull=False), name="incident_by_acknowledging"
            ),
            models.Index(
                fields=["first_response_at"], condition=Q(first_response_at__isnull=False), name="incident_by_response"
            ),
            GinIndex(OpClass("attributes", name="jsonb_path_ops"), name="incident_attributes"),
            # Most have none: those cost nothing, and what is on records now is found from the newest.
            GinIndex(fields=["labels"], condition=LABELLED, name="incident_labels"),
            models.Index(fields=["-id"], condition=LABELLED, name="incident_labelled"),
            models.Index(fields=["service", "-id"], name="incident_by_service"),
            models.Index(fields=["service"], condition=Q(status__in=OPEN), name="incident_open_by_service"),
            models.Index(fields=["status", "-id"], name="incident_by_status"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="incident_title_trigrams"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=OVER)
                | Q(channel=Channel.IMPORT)
                | (Q(resolved_at__isnull=False) & ~Q(resolution="") & ~Q(resolution_code="")),
                name="resolved_incident_says_when_and_how",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.ON_HOLD) & ~Q(hold_reason=""))
                | (~Q(status=Status.ON_HOLD) & Q(hold_reason="")),
                name="incident_on_hold_says_what_for",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.CANCELLED) & ~Q(cancel_code=""))
                | (~Q(status=Status.CANCELLED) & Q(cancel_code="")),
                name="cancelled_incident_says_why",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=False, cancel_code=CancelCode.MERGED)
                | (Q(merged_into=None) & ~Q(cancel_code=CancelCode.MERGED)),
                name="merged_incident_names_its_survivor",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="no_incident_is_its_own_parent"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="no_incident_is_its_own_survivor"),
            models.CheckConstraint(
                condition=Q(impact__range=(1, 3)) | Q(impact=None), name="incident_impact_is_a_level"
            ),
            models.CheckConstraint(
                condition=Q(urgency__range=(1, 3)) | Q(urgency=None), name="incident_urgency_is_a_level"
            ),
            models.CheckConstraint(
                condition=Q(
                    GreaterThan(
                        Value(MAX_ATTRIBUTES),
                        Func(
                            Cast("attributes", models.TextField()),
                            function="octet_length",
                            output_field=models.IntegerField(),
                        ),
                    )
                ),
                name="incident_attributes_are_small",
            ),
            models.CheckConstraint(condition=Q(labels__len__lte=labels.MOST), name="incident_labels_are_few"),
            models.CheckConstraint(condition=Q(priority__range=(1, 5)), name="incident_priority_is_1_to_5"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="incident_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("INC", self.pk)

    @property
    def stamp(self) -> str:
        """Otherwise as soon as its line in a list says otherwise: its version, its clocks and who spoke last."""
        seen = f"{self.version} {self.next_due.timestamp()} {self.caller_waits}"
        return f"{crc32(seen.encode()):x}"

    @property
    def confirmed(self) -> bool:
        """An alert, or a second person, saw it too."""
        return self.source_key is not None or self.confirmed_by_id is not None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def due_at(self) -> datetime | None:
        """When the earliest of its clocks runs out, while it is open; None where nothing is due."""
        return self.next_due if self.is_open and self.next_due != NEVER else None

    @property
    def caller_waits(self) -> bool:
        """The caller spoke last, after they reported it, and it is open: a new ticket says so by being new."""
        spoke = self.caller_spoke_at
        if not self.is_open or spoke is None or spoke <= self.opened_at:
            return False
        return self.agent_spoke_at is None or self.agent_spoke_at < spoke

    @property
    def is_grave(self) -> bool:
        """As GRAVE has it."""
        return self.major or self.priority == Priority.CRITICAL

    @property
    def holds_changes(self) -> bool:
        """Open, and so grave that changes of its service wait."""
        return self.is_open and self.service_id is not None and self.is_grave

    def get_absolute_url(self) -> str:
        return f"/incidents/{self.reference}/"
