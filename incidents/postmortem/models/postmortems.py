"""Postmortems: what is to be learnt from an incident, or a problem. There is no root cause: there are factors."""

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.postmortem.vocabulary import MOST_FACTORS, Requirement
from incidents.postmortem.workflow import WORKED_ON, WORKFLOW, Status
from itsm.accounts.permissions import colleagues
from itsm.accounts.queues import rights_in_queues
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.incident.models import Incident
    from incidents.problem.models import Problem

MAX_WORDS = 20_000


class PostmortemQuerySet(models.QuerySet["Postmortem"]):
    def visible_to(self, actor: Actor) -> "PostmortemQuerySet":
        """Who works here sees those whose incident or problem lies in a queue that is not hidden from them."""
        if actor.is_system:
            return self
        if not colleagues(actor):
            return self.none()
        hidden = sorted(rights_in_queues(actor).hidden)
        if not hidden:
            return self
        # A join that finds nothing says nothing: NULL is not in a list, and not outside of it either.
        return self.filter(
            Q(incident=None) | ~Q(incident__team__in=hidden), Q(problem=None) | ~Q(problem__team__in=hidden)
        )


class Postmortem(models.Model):
    """`incident` or `problem`: what it is about, one postmortem each. `factors`: what made it possible or worse.

    `required_because`: [{reason, why}], empty where nobody has to write one. `published`: the number of the version
    that people read, 0 for none. `writers`: ids of the natural persons who wrote in what was not published yet.
    """

    kind = "postmortem"
    workflow = WORKFLOW
    untold = ("writers", "waiver_person_id", "waiver_reason", "required_because", "published", "published_at",
              "no_actions_because", "link")  # fmt: skip

    incident = models.OneToOneField(
        "incidents.Incident", models.PROTECT, null=True, related_name="postmortem", verbose_name=_("incident")
    )
    problem = models.OneToOneField(
        "incidents.Problem", models.PROTECT, null=True, related_name="postmortem", verbose_name=_("problem")
    )
    title = models.CharField(_("title"), max_length=200)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    impact = models.TextField(_("impact"), blank=True, max_length=MAX_WORDS)
    factors = ArrayField(
        models.CharField(max_length=1000), verbose_name=_("factors"), default=list, blank=True, size=MOST_FACTORS
    )
    went_well = models.TextField(_("what went well"), blank=True, max_length=MAX_WORDS)
    went_badly = models.TextField(_("what went badly"), blank=True, max_length=MAX_WORDS)
    lucky = models.TextField(_("where we were lucky"), blank=True, max_length=MAX_WORDS)
    no_actions_because = models.TextField(_("why there is no action"), blank=True, max_length=2000)
    required_because = models.JSONField(_("why it is required"), default=list, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    opened_at = models.DateTimeField(_("begun at"))
    writers = ArrayField(models.BigIntegerField(), verbose_name=_("who wrote in it"), default=list, blank=True)
    published = models.PositiveIntegerField(_("published version"), default=0, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    waiver_reason = models.TextField(_("why none is needed"), blank=True, max_length=2000)
    # Who asked, and as which natural person: a program counts as its owner.
    waiver_asked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    waiver_person = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    waived_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    waived_at = models.DateTimeField(_("waived at"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = PostmortemQuerySet.as_manager()

    # For the requirements of its table, which knows no actions: filled in by operations, not stored.
    has_actions: bool = False
    filled: int | None = None  # how many entries a refill just added

    class Meta:
        verbose_name = _("postmortem")
        verbose_name_plural = _("postmortems")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW)]
        indexes = [
            models.Index(fields=["status", "-id"], name="postmortem_by_status"),
            models.Index(fields=["due_at"], condition=Q(status__in=WORKED_ON), name="postmortem_to_write"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(incident__isnull=False, problem=None) | Q(incident=None, problem__isnull=False),
                name="postmortem_is_about_one_record",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PUBLISHED) | Q(published__gt=0, published_at__isnull=False),
                name="published_postmortem_has_a_version",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=Status.WAIVED, waived_by__isnull=False, waived_at__isnull=False)
                    & Q(waiver_person__isnull=False)
                    & ~Q(waiver_reason="")
                )
                | (~Q(status=Status.WAIVED) & Q(waived_by=None, waived_at=None)),
                name="waived_postmortem_says_why_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(waived_by=None) | ~Q(waived_by=F("waiver_person")), name="nobody_waives_alone"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="postmortem_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("PM", self.pk)

    @property
    def about(self) -> "Incident | Problem":
        """The incident or the problem that it is about."""
        found: Any = self.incident if self.incident_id is not None else self.problem
        return found  # type: ignore[no-any-return]

    @property
    def team_id(self) -> int | None:
        """The queue of what it is about, which says who sees it."""
        known: Any = self.incident or self.problem
        return known.team_id if known is not None else None

    @property
    def is_worked_on(self) -> bool:
        return self.status in WORKED_ON

    @property
    def is_settled(self) -> bool:
        """Published, also while it is revised, or waived."""
        return self.published > 0 or self.status == Status.WAIVED

    @property
    def is_required(self) -> bool:
        return bool(self.required_because)

    def is_required_for(self, reason: Requirement) -> bool:
        """Whether this reason was found once: it stays, whatever became of the incident."""
        return any(one["reason"] == reason for one in self.required_because)

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Why it is required, in words, with the arithmetic where there is one."""
        labels = dict(Requirement.choices)
        return [
            (str(labels.get(one["reason"], one["reason"])), str(one.get("why", ""))) for one in self.required_because
        ]

    def is_overdue(self, at: "datetime") -> bool:
        return self.due_at is not None and self.due_at <= at and not self.is_settled

    def get_absolute_url(self) -> str:
        return f"/postmortems/{self.reference}/"
