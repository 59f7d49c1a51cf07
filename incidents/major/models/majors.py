"""The major incident of an incident: one each, whatever became of its proposals."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from incidents.incident.models.standing import OF_MAJORS
from incidents.major.rules import ORDERED
from incidents.major.vocabulary import (
    LONGEST_CADENCE,
    MAY_BE_AHEAD,
    NEEDS_POSTMORTEM,
    SHORTEST_CADENCE,
    NoticeFate,
    Severity,
)
from incidents.major.workflow import ACCEPTED, RUNNING, TURNED_DOWN, WORKFLOW, Status
from itsm.accounts.permissions import colleagues
from itsm.accounts.queues import rights_in_queues
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference

if TYPE_CHECKING:
    from itsm.approvals.models import Confirmation

TIMES = ("started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at")


def _in_order() -> Q:
    found = Q()
    for first, second in ORDERED:
        found &= Q(**{first: None}) | Q(**{second: None}) | Q(**{f"{first}__lte": F(second)})
    return found


def _none_ahead() -> Q:
    found = Q()
    for name in TIMES:
        found &= Q(**{name: None}) | Q(**{f"{name}__lte": Now() + MAY_BE_AHEAD})
    return found


class MajorQuerySet(models.QuerySet["Major"]):
    def visible_to(self, actor: Actor) -> "MajorQuerySet":
        """Who works here sees those whose incident lies in a queue that is not hidden from them."""
        if actor.is_system:
            return self
        if not colleagues(actor):
            return self.none()
        hidden = sorted(rights_in_queues(actor).hidden)
        return self.exclude(incident__team__in=hidden) if hidden else self

    def running(self) -> "MajorQuerySet":
        return self.filter(status__in=RUNNING)


class Major(models.Model):
    """`because`: [{rule, why, count}] of what proposed it, newest last. `cadence`: minutes between two updates.

    `turned_down`: {rule: [instant, count]}: what each rule had counted as its proposal was turned down, and when.
    """

    kind = "major"
    workflow = WORKFLOW
    untold = ("because", "turned_down", "reason", "next_update_at", "accepted_at", "decided_by_id", "notice_fate",
              "proposed_at", "told_at", "paged", "unanswered_at", "gravest")  # fmt: skip

    incident = models.OneToOneField(
        "incidents.Incident", models.PROTECT, related_name="as_major", verbose_name=_("incident")
    )
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, null=True, blank=True)
    # The gravest that was said since it was accepted: a postmortem is owed by it, whoever says less afterwards.
    gravest = models.PositiveSmallIntegerField(choices=Severity, null=True, editable=False)
    impact = models.TextField(_("impact"), blank=True, max_length=2000)
    commander = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("commander")
    )
    communications = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("communications")
    )
    scribe = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("scribe")
    )
    bridge = models.CharField(_("where those who work on it meet"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("the harm began"), null=True, blank=True)
    detected_at = models.DateTimeField(_("it was seen"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("work began"), null=True, blank=True)
    mitigated_at = models.DateTimeField(_("the harm was over, or small"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("the cause was gone"), null=True, blank=True)
    cadence = models.PositiveSmallIntegerField(_("minutes between updates"), default=60)
    next_update_at = models.DateTimeField(_("next update due"), null=True, blank=True, editable=False)
    told_at = models.DateTimeField(_("last update"), null=True, editable=False)
    # Who was paged since it was due: 0 nobody, 1 who speaks for it, 2 the commander too.
    paged = models.PositiveSmallIntegerField(default=0, editable=False)
    because = models.JSONField(_("what proposed it"), default=list, blank=True)
    turned_down = models.JSONField(default=dict, blank=True, editable=False)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)
    notice_fate = models.CharField(_("public notice"), max_length=10, choices=NoticeFate, blank=True)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    proposed_at = models.DateTimeField(_("proposed at"))
    unanswered_at = models.DateTimeField(_("duty manager paged at"), null=True, editable=False)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = MajorQuerySet.as_manager()

    # Filled in by operations, not stored: what a second person must confirm first; what is wrong with its times.
    awaits: "Confirmation | None" = None
    times_wrong: str = ""

    class Meta:
        verbose_name = _("major incident")
        verbose_name_plural = _("major incidents")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW), *OF_MAJORS]
        indexes = [
            models.Index(fields=["status", "-id"], name="major_by_status"),
            models.Index(fields=["next_update_at"], condition=Q(status__in=RUNNING), name="major_update_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=ACCEPTED)
                | Q(severity__isnull=False, commander__isnull=False, accepted_at__isnull=False),
                name="accepted_major_has_severity_and_commander",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=ACCEPTED) | Q(gravest__isnull=False, gravest__lte=F("severity")),
                name="accepted_major_keeps_how_grave_it_was",
            ),
            models.CheckConstraint(condition=_in_order(), name="major_times_are_in_order"),
            models.CheckConstraint(condition=_none_ahead(), name="major_times_are_not_ahead"),
            models.CheckConstraint(
                condition=Q(severity__range=(1, 4)) | Q(severity=None), name="major_severity_is_1_to_4"
            ),
            models.CheckConstraint(
                condition=Q(cadence__range=(SHORTEST_CADENCE, LONGEST_CADENCE)), name="major_cadence_is_sensible"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=TURNED_DOWN) | ~Q(reason=""), name="a_major_turned_down_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.RESOLVED) | Q(resolved_at__isnull=False, mitigated_at__isnull=False),
                name="resolved_major_says_when",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="major_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.incident.title}"

    @property
    def reference(self) -> str:
        """That of its incident: it is the same thing, taken more seriously."""
        return reference("INC", self.incident_id)

    @property
    def title(self) -> str:
        return self.incident.title

    @property
    def team_id(self) -> int | None:
        """The queue of the incident, which says who sees it."""
        known: Any = self.incident
        return known.team_id if known is not None else None

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING

    @property
    def owes_a_postmortem(self) -> bool:
        """Accepted, and at some time so grave that what is learnt of it is written down."""
        return self.is_accepted and self.gravest in NEEDS_POSTMORTEM

    @property
    def is_accepted(self) -> bool:
        return self.status in ACCEPTED

    def is_overdue(self, at: datetime) -> bool:
        """Whether those who wait should have heard something by now."""
        return self.is_running and self.next_update_at is not None and self.next_update_at < at

    @property
    def update_every(self) -> timedelta:
        return timedelta(minutes=self.cadence)

    def get_absolute_url(self) -> str:
        return f"/majors/{self.reference}/"
