"""A request: what somebody asked for, for whom, and what came of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from catalog.requests.vocabulary import Outcome
from catalog.requests.workflow import OPEN, OVER, REQUEST, Status
from itsm.accounts.permissions import staff
from itsm.accounts.queues import rights_in_queues
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference
from itsm.work.watching import watched_by

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # nothing is due: sorts last, and a row comparison needs no null


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, actor: Actor) -> "RequestQuerySet":
        """Who works here sees those with no item in a queue that is hidden from them; everybody what is theirs, and
        what they follow."""
        if actor.is_system:
            return self
        own = self.of(actor.id)
        if not staff(actor):
            return own
        hidden = sorted(rights_in_queues(actor).hidden)
        return self.filter(~Q(teams__overlap=hidden) | _own(actor.id)) if hidden else self

    def of(self, user_id: int | None) -> "RequestQuerySet":
        """What is theirs, and what they follow."""
        return self.filter(_own(user_id)) if user_id is not None else self.none()


def _own(user_id: int | None) -> Q:
    mine = Q(by=user_id) | Q(requested_for=user_id)
    # As an array the planner looks each up by its key; beside OR it would walk all of them for a sub-select.
    followed = Func(ArraySubquery(watched_by(Request.kind, user_id)), function="ANY")
    is_followed = Func(
        F("pk"), followed, template="(%(expressions)s)", arg_joiner=" = ", output_field=models.BooleanField()
    )
    return mine | Q(is_followed)


class Request(models.Model):
    """What one person asked for at once: `by` whom, `requested_for` whom, in items that move by themselves.

    Status, outcome, `approved_at` (of the last approval) and `closed_at` follow from its items. `title`: what its items
    are called; `teams`: the queues of its items, which say who sees it. `next_due`: of the earliest clock, `NEVER`.
    """

    kind = "request"
    workflow = REQUEST
    # Its page tells of its items as well: what they say of themselves already is among these.
    untold = ("title", "teams", "next_due", "asker_spoke_at", "desk_spoke_at", "submitted_at", "approved_at",
              "closed_at", "confirmed_at", "reason", "answers", "content_hash", "delivered", "question", "began_at",
              "since", "ended_at", "reopened_at", "price_minor", "currency")  # fmt: skip

    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    requested_for = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("for"))
    title = models.CharField(_("title"), max_length=200)
    teams = ArrayField(models.BigIntegerField(), verbose_name=_("queues"), default=list)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    cost_centre = models.CharField(_("cost centre"), max_length=60, blank=True)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)
    submitted_at = models.DateTimeField(_("asked at"))
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, editable=False)
    asker_spoke_at = models.DateTimeField(_("requester spoke at"), null=True, editable=False)
    desk_spoke_at = models.DateTimeField(_("desk spoke at"), null=True, editable=False)
    next_due = models.DateTimeField(_("due"), default=NEVER, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = RequestQuerySet.as_manager()

    # What was sent as it was asked for and not kept: filled in by operations, not stored.
    dropped: Sequence[Any] = ()

    class Meta:
        app_label = "catalog"
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ("-id",)
        triggers = [OnlyMoves(REQUEST)]
        indexes = [
            models.Index(fields=["by", "-id"], name="request_by_asker"),
            models.Index(fields=["requested_for", "-id"], name="request_by_served"),
            models.Index(fields=["status", "-id"], name="request_by_status"),
            models.Index(fields=["next_due", "id"], condition=Q(status__in=OPEN), name="request_open_due"),
            models.Index(fields=["submitted_at"], include=["status", "outcome"], name="request_by_asking"),
            GinIndex(fields=["teams"], condition=Q(status__in=OPEN), name="request_open_by_team"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="request_status_is_known"),
            models.CheckConstraint(
                condition=(Q(status__in=OVER, closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(status__in=OVER) & Q(closed_at=None, outcome="")),
                name="request_that_is_over_says_when_and_what_came",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.DECLINED, Status.CANCELLED]) | Q(outcome=Outcome.NONE),
                name="nothing_came_of_what_was_declined",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(status=Status.DONE), name="only_a_request_that_is_done_is_confirmed"
            ),
            models.CheckConstraint(condition=~Q(teams=[]), name="a_request_lies_in_a_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("REQ", self.pk)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def due_at(self) -> datetime | None:
        """When the earliest of its clocks runs out; None where nothing is due."""
        return self.next_due if self.is_open and self.next_due != NEVER else None

    @property
    def asker_waits(self) -> bool:
        """The requester spoke last, while it is open."""
        spoke = self.asker_spoke_at
        return self.is_open and spoke is not None and (self.desk_spoke_at is None or self.desk_spoke_at < spoke)

    def get_absolute_url(self) -> str:
        return f"/requests/{self.reference}/"
