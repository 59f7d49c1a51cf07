"""Problems: the cause, or possible cause, of one or more incidents; known errors are problems with a workaround."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.problem.models.kinship import SURVIVES
from incidents.problem.vocabulary import CloseCode, Rule
from incidents.problem.workflow import OPEN, STANDING, STANDS_AS_KNOWN, WORKFLOW, Status
from itsm.accounts.operations import triage_id
from itsm.accounts.permissions import colleagues
from itsm.accounts.queues import rights_in_queues
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference

# What a known error is found by; the language of the words is not known, so that none is bent.
FOUND_BY = SearchVector("statement", "symptom", "workaround", config="simple")


class ProblemQuerySet(models.QuerySet["Problem"]):
    def visible_to(self, actor: Actor) -> "ProblemQuerySet":
        """Who works here sees those of every queue that is not hidden from them; requesters see none."""
        if actor.is_system:
            return self
        if not colleagues(actor):
            return self.none()
        hidden = rights_in_queues(actor).hidden
        return self.exclude(team__in=sorted(hidden)) if hidden else self


class Problem(models.Model):
    """`statement`: what goes wrong, in a line; `symptom`: what those see who suffer it, by which it is found.

    `team`: its queue, which says who sees it. `signature`: by which recurrence knows it again; empty for what people
    opened. `burn_minutes`: of error budgets, in the last 28 days; written by `note_burn`, no part of `version`.
    """

    kind = "problem"
    workflow = WORKFLOW
    untold = (
        "signature",
        "reason",
        "closed_at",
        "resolved_at",
        "dismissed_at",
        "proposed_count",
        "duplicate_of_id",
        "why",
    )

    statement = models.CharField(_("statement"), max_length=200)
    symptom = models.TextField(_("symptom"), blank=True, max_length=20_000)
    cause = models.TextField(_("cause"), blank=True, max_length=20_000)
    cause_unknown = models.BooleanField(_("cause unknown"), default=False)
    workaround = models.TextField(_("workaround"), blank=True, max_length=20_000)
    workaround_public = models.BooleanField(_("requesters may read the workaround"), default=False)
    service = models.ForeignKey(
        "catalog.Service", models.PROTECT, null=True, blank=True, related_name="problems", verbose_name=_("service")
    )
    category = models.ForeignKey(
        "incidents.Category", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, related_name="+", default=triage_id, verbose_name=_("queue")
    )
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.NEW, editable=False)
    close_code = models.CharField(_("outcome"), max_length=20, choices=CloseCode, blank=True)
    owner = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)
    risk_review_at = models.DateTimeField(_("risk looked at again"), null=True, blank=True)
    risk_accepted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="duplicates", editable=False)
    signature = models.CharField(max_length=200, blank=True, editable=False)
    proposed_by_rule = models.CharField(_("rule"), max_length=10, choices=Rule, blank=True)
    proposed_count = models.PositiveIntegerField(_("found"), default=0, editable=False)
    why = models.CharField(_("why it was proposed"), max_length=500, blank=True, editable=False)
    burn_minutes = models.DecimalField(_("minutes burned"), max_digits=20, decimal_places=6, default=0, editable=False)
    opened_at = models.DateTimeField(_("opened at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, editable=False)
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ProblemQuerySet.as_manager()

    # For the requirements of its table, which know no links: filled in by operations, not stored.
    has_fix: bool = False
    fix_missing: str = ""

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW), SURVIVES]
        indexes = [
            models.Index(fields=["-burn_minutes", "-id"], name="problem_by_burn"),
            models.Index(
                fields=["-burn_minutes", "-id"], condition=Q(status__in=STANDING), name="problem_standing_by_burn"
            ),
            models.Index(fields=["service", "status"], name="problem_by_service"),
            models.Index(fields=["status", "-id"], name="problem_by_status"),
            models.Index(fields=["owner", "-id"], name="problem_by_owner"),
            models.Index(fields=["team", "-id"], name="problem_by_team"),
            models.Index(fields=["duplicate_of"], condition=Q(duplicate_of__isnull=False), name="problem_by_survivor"),
            models.Index(
                fields=["risk_review_at"], condition=Q(close_code=CloseCode.RISK_ACCEPTED), name="problem_by_review"
            ),
            GinIndex(FOUND_BY, condition=Q(status__in=STANDS_AS_KNOWN), name="problem_known_error_words"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["signature"],
                condition=Q(status__in=STANDING) & ~Q(signature=""),
                name="one_standing_problem_of_a_signature",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.KNOWN_ERROR) | (~Q(workaround="") & (Q(cause_unknown=True) | ~Q(cause=""))),
                name="known_error_says_cause_and_workaround",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.CLOSED) & ~Q(close_code="") & Q(closed_at__isnull=False))
                | (~Q(status=Status.CLOSED) & Q(close_code="", closed_at=None)),
                name="closed_problem_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(close_code=CloseCode.RISK_ACCEPTED)
                | (Q(risk_review_at__isnull=False, risk_accepted_by__isnull=False) & ~Q(reason="")),
                name="accepted_risk_says_why_and_until",
            ),
            models.CheckConstraint(
                condition=Q(close_code=CloseCode.DUPLICATE, duplicate_of__isnull=False)
                | (Q(duplicate_of=None) & ~Q(close_code=CloseCode.DUPLICATE)),
                name="duplicate_problem_names_its_survivor",
            ),
            models.CheckConstraint(condition=~Q(duplicate_of=F("id")), name="no_problem_is_its_own_survivor"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="problem_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.statement}"

    @property
    def reference(self) -> str:
        return reference("PRB", self.pk)

    @property
    def title(self) -> str:
        """What it is about in a line, as other records have it."""
        return self.statement

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_standing(self) -> bool:
        """Neither closed nor dismissed."""
        return self.status in STANDING

    @property
    def is_known(self) -> bool:
        """A known error, also while it is being fixed: its workaround may be handed on."""
        return self.status in STANDS_AS_KNOWN and bool(self.workaround)

    @property
    def cause_said(self) -> Any:
        """The cause, or that it is unknown; empty where nobody has said anything."""
        return self.cause or (_("unknown") if self.cause_unknown else "")

    def get_absolute_url(self) -> str:
        return f"/problems/{self.reference}/"
