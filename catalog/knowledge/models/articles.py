"""Articles: who answers for one, whom it is for, and which of its versions is live."""

from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from catalog.knowledge.models.versions import ArticleVersion
from catalog.knowledge.permissions import overseers, staff, tokens_of
from catalog.knowledge.vocabulary import MAX_SYMPTOMS, MAX_TITLE, Status
from catalog.knowledge.workflow import WORKFLOW
from itsm.accounts import audiences
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference


def internal() -> list[str]:
    """The audience that an article begins with."""
    return [audiences.STAFF]


class ArticleQuerySet(models.QuerySet["Article"]):
    def visible_to(self, actor: Actor) -> "ArticleQuerySet":
        """What is live, to its audience; what is not, to those of its audience who work here, and to whose it is."""
        if overseers(actor):
            return self
        met = Q(audience__overlap=tokens_of(actor))
        if not staff(actor):
            return self.filter(met, live__isnull=False)
        return self.filter(met | Q(owner=actor.id) | Q(created_by=actor.id))

    def live_for(self, actor: Actor) -> "ArticleQuerySet":
        """What may be offered to this actor as an answer."""
        return self.visible_to(actor).filter(live__isnull=False)


class Article(models.Model):
    """What is known about something, in versions. `status` is that of the newest, which is `number`; `live` is the one
    that readers get, None where there is none.

    `title`, `symptoms` and `audience` are those of the live version, of the newest where none is live. `writers`: ids
    of the people who wrote in the newest version. `origin_kind`, `origin_id`: the record that it was made from.
    `helpful`, `votes`, `uses` are counted by the operations.
    """

    kind = "article"
    workflow = WORKFLOW
    untold = ("writers", "number", "live", "edited_at", "published_at")  # versions stand beside the history

    title = models.CharField(_("title"), max_length=MAX_TITLE)
    symptoms = models.TextField(_("symptoms"), max_length=MAX_SYMPTOMS, blank=True)
    audience = ArrayField(models.CharField(max_length=30), default=internal, verbose_name=_("audience"))
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    number = models.PositiveIntegerField(_("newest version"), default=1)
    live = models.PositiveIntegerField(_("live version"), null=True, blank=True)
    writers = ArrayField(models.BigIntegerField(), verbose_name=_("who wrote in it"), default=list, blank=True)
    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    service = models.ForeignKey(
        "catalog.Service", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    review_on = models.DateField(_("looked at again on"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    origin_kind = models.CharField(_("kind of its origin"), max_length=40, blank=True)
    origin_id = models.BigIntegerField(_("its origin"), null=True)
    helpful = models.PositiveIntegerField(_("helped"), default=0)
    votes = models.PositiveIntegerField(_("votes"), default=0)
    uses = models.PositiveIntegerField(_("uses"), default=0)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    edited_at = models.DateTimeField(_("edited at"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("record version"), default=1)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        app_label = "catalog"
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW)]
        indexes = [
            GinIndex(fields=["audience"], name="article_audience"),
            models.Index(fields=["status", "-id"], name="article_by_state"),
            models.Index(fields=["origin_kind", "origin_id"], name="article_by_origin"),
            models.Index(fields=["review_on"], condition=Q(live__isnull=False), name="article_by_review"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="state_of_an_article_is_known"),
            models.CheckConstraint(condition=audiences.is_well_formed(), name="article_audience_is_known"),
            models.CheckConstraint(condition=~Q(title=""), name="an_article_has_a_title"),
            models.CheckConstraint(
                condition=Q(live=None) | Q(live__lte=F("number")), name="a_live_version_is_one_of_its_versions"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PUBLISHED) | Q(live=F("number")), name="a_published_article_is_live"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.RETIRED) | Q(live=None), name="a_retired_article_is_not_live"
            ),
            models.CheckConstraint(
                condition=Q(live=None) | Q(owner__isnull=False, review_on__isnull=False),
                name="a_live_article_has_an_owner_and_a_review_date",
            ),
            models.CheckConstraint(
                condition=Q(origin_kind="", origin_id=None) | (~Q(origin_kind="") & Q(origin_id__isnull=False)),
                name="the_origin_of_an_article_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(helpful__lte=F("votes")), name="helpful_votes_are_among_the_votes_of_an_article"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("KNO", self.pk or 0)

    @property
    def slug(self) -> str:
        """Its title in an address that people pass on; it may be any other."""
        return slugify(self.title)[:60].strip("-") or "article"

    @cached_property
    def text(self) -> ArticleVersion:
        """What readers get: the live version, the newest where none is live. No query for one of `visible_articles`."""
        known: list[ArticleVersion] = getattr(self, "shown", [])
        return known[0] if known else self.versions.get(number=self.live or self.number)

    @cached_property
    def newest(self) -> ArticleVersion:
        """The version that is worked on, or that was last. One query."""
        return self.versions.get(number=self.number)

    @property
    def has_draft_beside(self) -> bool:
        """Another version than the live one is being written or looked at."""
        return self.live is not None and self.live != self.number

    def get_absolute_url(self) -> str:
        return f"/knowledge/{self.reference}/"
