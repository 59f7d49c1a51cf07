"""A change: adding, modifying or removing something that could affect services."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from changes.change.models.program_owners import KEEPS_PROGRAM_OWNERS
from changes.change.models.standing import has_lapsed, overridden_at, saying, verdict_at
from changes.change.models.task_guard import MANDATORY_TASKS_ARE_DONE
from changes.change.vocabulary import (
    EXPERIMENT,
    FINDINGS,
    OUTCOMES,
    STAGE_ANSWERS,
    ChangeClass,
    OutcomeCode,
    ReviewCause,
)
from changes.change.workflow import BY_CLASS, IN_FLIGHT, OVER, REVIEWED_ANYWAY, Status, states_of
from itsm.accounts.interest import accounts_of_person
from itsm.accounts.permissions import colleagues
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference
from itsm.kernel.workflow import Workflow

REVIEW_DUE = Q(review_due_at__isnull=False, reviewed_at=None)


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, actor: Actor) -> "ChangeQuerySet":
        """Everybody who works here sees every change; a requester only what they asked for."""
        if colleagues(actor):
            return self
        return self.filter(requested_by__in=accounts_of_person(actor.id))

    def with_review_due(self) -> "ChangeQuerySet":
        """Those that people have to look back at and have not yet."""
        return self.filter(REVIEW_DUE)

    def saying(self, verdict: str, at: datetime) -> "ChangeQuerySet":
        """Those whose verdict, as it stands at this instant, is this one."""
        return self.filter(saying(verdict, at))


class Change(models.Model):
    """`content_hash` stands for its material fields: an approval is good for that content only."""

    kind = "change"
    # Items and services: `queries.told_items` names them.
    untold = ("content_hash", "authorised_until", "items", "outage_services", "impacted")
    vocabularies = {"verdict": OUTCOMES, "answer": STAGE_ANSWERS, "finding": FINDINGS}
    voided: Any = None  # what the edit that returned it took away (`queries.at_stake.AtStake`)

    summary = models.CharField(_("summary"), max_length=200)
    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="changes", verbose_name=_("service"))
    environment = models.CharField(_("environment"), max_length=40, default="production")
    change_class = models.CharField(_("class"), max_length=12, choices=ChangeClass, default=ChangeClass.NORMAL)
    purpose = models.CharField(_("purpose"), max_length=20, default="feature")
    # Of a chaos experiment: the share of each budget that it may burn. It is reserved, and watched while it runs.
    stake = models.DecimalField(_("stake"), max_digits=7, decimal_places=6, null=True, blank=True, editable=False)
    plan = models.TextField(_("implementation plan"), blank=True, max_length=20_000)
    test_plan = models.TextField(_("test plan"), blank=True, max_length=20_000)
    backout = models.TextField(_("backout plan"), blank=True, max_length=20_000)
    no_backout_because = models.TextField(_("no way back because"), blank=True, max_length=2000)
    communication_plan = models.TextField(_("communication plan"), blank=True, max_length=20_000)
    # The outage that is expected of it, None where nobody is to notice; of these services, or of its own.
    outage_minutes = models.PositiveIntegerField(_("minutes of outage"), null=True, blank=True)
    outage_services = ArrayField(models.BigIntegerField(), verbose_name=_("services out"), default=list, blank=True)
    artifact_digest = models.CharField(_("artifact digest"), max_length=200, blank=True)
    artifact_version = models.CharField(_("version"), max_length=100, blank=True)
    commit = models.CharField(_("commit"), max_length=64, blank=True)
    window_start = models.DateTimeField(_("window opens"), null=True, blank=True)
    window_end = models.DateTimeField(_("window closes"), null=True, blank=True)
    # Configuration items, none of them a service, that it changes as well: what they carry is reached.
    items = ArrayField(models.BigIntegerField(), verbose_name=_("affected items"), default=list, blank=True)
    model = models.ForeignKey(
        "changes.ChangeModel", models.PROTECT, null=True, blank=True, related_name="changes", verbose_name=_("model")
    )
    # The model's version that it was asked with: what the model allows since is another content.
    model_version = models.PositiveIntegerField(_("version of the model"), null=True, blank=True, editable=False)
    requested_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    author = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    implementer = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    # Kept by the database: the owners of its programs, as they were when it named them; and whoever it was opened for.
    program_owners = ArrayField(models.BigIntegerField(), default=list, editable=False)
    content_hash = models.CharField(_("content hash"), max_length=64, editable=False)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    # The authorisation that is good now, if any: until when, and by which evaluation.
    authorised_until = models.DateTimeField(_("authorised until"), null=True, blank=True, editable=False)
    # What the gate said last, kept here so that lists and queues need not open the decisions. What of it holds still:
    # `verdict_now`, which is what is told.
    verdict = models.CharField(_("verdict"), max_length=12, blank=True, editable=False)
    risk = models.CharField(_("risk"), max_length=10, blank=True, editable=False)
    # It goes, or went, on two names although the gate did not let it: shown beside the verdict wherever that is.
    overridden = models.BooleanField(_("goes by override"), default=False, editable=False)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True, editable=False)
    # While it is on hold: why, and since when.
    hold_reason = models.CharField(_("hold reason"), max_length=200, blank=True, editable=False)
    held_at = models.DateTimeField(_("on hold since"), null=True, blank=True, editable=False)
    outcome_code = models.CharField(_("outcome"), max_length=30, choices=OutcomeCode, blank=True)
    outcome_note = models.TextField(_("closing note"), blank=True, max_length=4000)
    # The post-implementation review: why and until when it is owed, and its three answers.
    review_because = models.CharField(
        _("review because"), max_length=20, choices=ReviewCause, blank=True, editable=False
    )
    review_due_at = models.DateTimeField(_("review due"), null=True, blank=True, editable=False)
    review_worked = models.TextField(_("did it do what it should"), blank=True, max_length=4000, editable=False)
    review_cost = models.TextField(_("what it cost"), blank=True, max_length=4000, editable=False)
    review_follow_up = models.TextField(_("what we change"), blank=True, max_length=4000, editable=False)
    reviewed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ("-id",)
        triggers = [OnlyMoves(by="change_class", tables=BY_CLASS), KEEPS_PROGRAM_OWNERS, MANDATORY_TASKS_ARE_DONE]
        indexes = [
            models.Index(fields=["status", "-id"], name="change_by_status"),
            models.Index(fields=["artifact_version"], name="change_by_artifact_version"),
            GinIndex(OpClass(Upper("summary"), name="gin_trgm_ops"), name="change_summary_trigrams"),
            models.Index(fields=["service", "-id"], name="change_by_service"),
            models.Index(fields=["verdict", "-id"], name="change_by_verdict"),
            models.Index(
                fields=["service", "environment"], condition=~Q(status__in=OVER), name="change_open_by_service"
            ),
            models.Index(fields=["content_hash"], condition=~Q(status__in=OVER), name="change_open_by_content"),
            models.Index(fields=["requested_by", "-id"], name="change_by_requester"),
            GinIndex(fields=["items"], condition=~Q(items=[]), name="change_by_item"),
            models.Index(
                fields=["service", "finished_at"],
                condition=Q(outcome_code="unsuccessful"),
                name="change_failed_by_service",
            ),
            models.Index(
                fields=["service", "review_due_at"],
                condition=REVIEW_DUE,
                name="change_review_owed",
            ),
            models.Index(
                fields=["service", "started_at"], condition=Q(started_at__isnull=False), name="change_ran_by_service"
            ),
            models.Index(fields=["started_at"], condition=Q(started_at__isnull=False), name="change_by_start"),
            models.Index(fields=["service", "implementer"], condition=Q(status__in=IN_FLIGHT), name="change_under_way"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    (Q(change_class=name, status__in=states_of(name)) for name in BY_CLASS),
                ),
                name="change_is_in_a_state_of_its_class",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ON_HOLD) | (Q(held_at__isnull=False) & ~Q(hold_reason="")),
                name="change_on_hold_says_why_and_since_when",
            ),
            models.CheckConstraint(
                condition=Q(window_start=None) | Q(window_end__gt=models.F("window_start")),
                name="change_window_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(outage_minutes__gte=1) | Q(outage_minutes=None, outage_services=[]),
                name="change_says_how_long_an_outage_lasts",
            ),
            models.CheckConstraint(
                condition=Q(purpose=EXPERIMENT, stake__gt=0, stake__lte=1) | (~Q(purpose=EXPERIMENT) & Q(stake=None)),
                name="an_experiment_and_nothing_else_has_a_stake",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED) | ~Q(outcome_code=""), name="closed_change_has_an_outcome"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED)
                | Q(reviewed_at__isnull=False)
                | (Q(review_due_at=None) & ~Q(change_class__in=REVIEWED_ANYWAY)),
                name="closed_change_owes_no_review",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False)
                & ~Q(review_worked="")
                & ~Q(review_cost="")
                & ~Q(review_follow_up=""),
                name="change_review_says_by_whom_and_answers",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.SCHEDULED]) | Q(authorised_until__isnull=False),
                name="scheduled_change_is_authorised",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.summary}"

    @property
    def workflow(self) -> Workflow:
        return BY_CLASS[self.change_class]

    @property
    def reference(self) -> str:
        return reference("CHG", self.pk)

    @property
    def verdict_now(self) -> str:
        """What the gate says, as it stands; "" where no answer does."""
        return verdict_at(self, timezone.now())

    @property
    def is_authorised(self) -> bool:
        """Whether it has, or went by, an authorisation that has not lapsed."""
        return self.authorised_until is not None and not has_lapsed(self, timezone.now())

    @property
    def overridden_now(self) -> bool:
        """Whether it goes, or went, by an override."""
        return overridden_at(self, timezone.now())

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """When it is to run; None where both ends are not said."""
        return (self.window_start, self.window_end) if self.window_start and self.window_end else None

    @property
    def interested(self) -> set[int]:
        """Who asked for it, authored it or carries it out, and whose programs did: none of them approves."""
        ids: set[Any] = {self.requested_by_id, self.author_id, self.implementer_id, *self.program_owners}
        return {person for person in ids if person is not None}

    def get_absolute_url(self) -> str:
        return f"/changes/{self.reference}/"
