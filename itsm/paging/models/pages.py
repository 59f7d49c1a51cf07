"""Pages: one person, called for one subject; and every attempt to reach them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.permissions import staff
from itsm.accounts.queues import rights_in_queues
from itsm.audit import append_only
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference
from itsm.paging.models.escalations import Escalation
from itsm.paging.models.providers import PagingProvider
from itsm.paging.vocabulary import Channel, How, PageStatus, ReportStatus, Urgency

MAX_CODE = 8


class PageQuerySet(models.QuerySet["Page"]):
    def visible_to(self, actor: Actor) -> "PageQuerySet":
        """One's own; for who works here also those about what lies in queues that they see."""
        if actor.is_system:
            return self
        mine = Q(person=actor.id or 0)
        if not staff(actor):
            return self.filter(mine)
        hidden = rights_in_queues(actor).hidden
        return self.filter(~Q(team_id__in=sorted(hidden)) | mine) if hidden else self


class Page(models.Model):
    """Somebody is called. `escalation`: by which step of which round; without one they are called alone (`why`).

    `code`: what they answer by SMS. Their personal rules run until it is no longer open.
    """

    kind = "page"

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="pages", verbose_name=_("person"))
    escalation = models.ForeignKey(
        Escalation, models.PROTECT, null=True, blank=True, related_name="pages", verbose_name=_("escalation")
    )
    round = models.PositiveIntegerField(_("round"), default=0)
    step = models.PositiveSmallIntegerField(_("step"), default=0)
    subject_kind = models.CharField(_("kind of subject"), max_length=40)
    subject_id = models.BigIntegerField(_("subject"))
    title = models.CharField(_("title"), max_length=200)
    path = models.CharField(_("path"), max_length=200)
    why = models.CharField(_("why"), max_length=200, blank=True)
    urgency = models.CharField(_("urgency"), max_length=4, choices=Urgency)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("queue"))
    state = models.CharField(_("state"), max_length=12, choices=PageStatus, default=PageStatus.OPEN)
    code = models.CharField(_("code"), max_length=MAX_CODE)
    begun_at = models.DateTimeField(_("begun at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    how = models.CharField(_("acknowledged how"), max_length=8, choices=How, blank=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["person", "-id"], name="page_by_person"),
            models.Index(fields=["subject_kind", "subject_id"], name="page_by_subject"),
            models.Index(fields=["begun_at"], name="page_by_time"),
            models.Index(fields=["team", "-id"], name="page_by_team"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "round", "step", "person"], condition=Q(escalation__isnull=False),
                name="a_step_pages_each_once",
            ),
            models.UniqueConstraint(
                fields=["person", "code"], condition=Q(state=PageStatus.OPEN), name="a_code_means_one_open_page"
            ),
            models.CheckConstraint(condition=Q(state__in=PageStatus.values), name="page_status_is_known"),
            models.CheckConstraint(
                condition=Q(state=PageStatus.OPEN, ended_at=None)
                | (~Q(state=PageStatus.OPEN) & Q(ended_at__isnull=False)),
                name="a_page_that_is_over_says_since_when",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("PAGE", self.pk or 0)

    @property
    def is_open(self) -> bool:
        return self.state == PageStatus.OPEN

    def get_absolute_url(self) -> str:
        return f"/pages/{self.pk}/"


class PageAttempt(models.Model):
    """One try to reach somebody, written and committed before it is made. The same `key` is the same message.

    `address`: what of it may be shown; `provider` None: our own way (mail, push).
    """

    page = models.ForeignKey(Page, models.PROTECT, related_name="attempts", verbose_name=_("page"))
    channel = models.CharField(_("channel"), max_length=5, choices=Channel)
    address = models.CharField(_("to"), max_length=120, blank=True)
    provider = models.ForeignKey(PagingProvider, models.PROTECT, null=True, related_name="attempts")
    key = models.CharField(_("key"), max_length=80)
    number = models.PositiveIntegerField(_("which try"))
    begun_at = models.DateTimeField(_("begun at"))

    class Meta:
        verbose_name = _("attempt to reach somebody")
        verbose_name_plural = _("attempts to reach somebody")
        ordering = ("page", "id")
        triggers = append_only.KEPT
        indexes = [
            models.Index(fields=["key"], name="page_attempt_by_key"),
            models.Index(fields=["provider", "-begun_at"], name="page_attempt_by_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.page_id}: {self.channel} {self.number}"


class AttemptOutcome(models.Model):
    """What came of an attempt: whether it was accepted, after how many milliseconds, and what was said."""

    attempt = models.OneToOneField(PageAttempt, models.PROTECT, related_name="outcome")
    at = models.DateTimeField(_("at"))
    ok = models.BooleanField(_("accepted"))
    ms = models.PositiveIntegerField(_("milliseconds"))
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    their_id = models.CharField(_("their number"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("outcome of an attempt")
        verbose_name_plural = _("outcomes of attempts")
        ordering = ("id",)
        triggers = append_only.KEPT
        indexes = [models.Index(fields=["their_id"], condition=~Q(their_id=""), name="outcome_by_their_id")]

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.ok}"


class AttemptReport(models.Model):
    """What a provider, or a device, said later of what was accepted."""

    attempt = models.ForeignKey(PageAttempt, models.PROTECT, related_name="reports")
    at = models.DateTimeField(_("at"))
    status = models.CharField(_("status"), max_length=10, choices=ReportStatus)
    said = models.CharField(_("said"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("report of an attempt")
        verbose_name_plural = _("reports of attempts")
        ordering = ("id",)
        triggers = append_only.KEPT

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.status}"
