"""Versions of articles. What was decided about stays as it was: the database looks."""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.knowledge.vocabulary import MAX_SYMPTOMS, MAX_TITLE, Language, VersionStatus
from itsm.accounts import audiences
from itsm.audit.triggers import Guard
from itsm.markdown import MAX_CHARACTERS

# Held by the database: what people were given, and what somebody looked at, is not rewritten; but the names of somebody
# who is erased become masks (the vectors are made anew after this).
WRITTEN_TEXT_STAYS = Guard(
    name="written_text_stays",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "OLD.article_id IS DISTINCT FROM NEW.article_id OR OLD.number IS DISTINCT FROM NEW.number OR "
        "OLD.state <> 'draft' AND (OLD.title, OLD.symptoms, OLD.body, OLD.language) "
        "IS DISTINCT FROM (NEW.title, NEW.symptoms, NEW.body, NEW.language) OR "
        "OLD.state NOT IN ('draft', 'review') AND OLD.audience IS DISTINCT FROM NEW.audience"  # teams are merged
    ),
    func="""
    IF audit_only_masks(to_jsonb(OLD) - '{words,head}'::text[], to_jsonb(NEW) - '{words,head}'::text[]) THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the text of a version stays as it was proposed' USING ERRCODE = 'check_violation';
    """,
)
ANOTHER_PERSON_PUBLISHES = Guard(
    name="another_person_publishes",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    condition=pgtrigger.Condition("NEW.published_by_id = ANY (NEW.writers)"),
    func="""
    RAISE EXCEPTION 'who wrote in a version does not publish it' USING ERRCODE = 'check_violation';
    """,
)


class TextSearchField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs alone
    """The name of a configuration of text search, kept as PostgreSQL keeps it: so that a stored vector may use it."""

    def db_type(self, connection: Any) -> str:
        return "regconfig"

    def cast_db_type(self, connection: Any) -> str:
        return "regconfig"


class ArticleVersion(models.Model):
    """The text of an article under a number, and whom it is for. `writers`: ids of the people who wrote in it.

    `words` is what it is found by: title A, symptoms B, body C; `head` the first two, which are looked at first.
    """

    kind = "article_version"

    article = models.ForeignKey("catalog.Article", models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    language = TextSearchField(_("language"), max_length=20, choices=Language, default=Language.ENGLISH)
    title = models.CharField(_("title"), max_length=MAX_TITLE)
    symptoms = models.TextField(_("symptoms"), max_length=MAX_SYMPTOMS, blank=True)
    body = models.TextField(_("text"), max_length=MAX_CHARACTERS, blank=True)
    audience = ArrayField(models.CharField(max_length=30), verbose_name=_("audience"))
    writers = ArrayField(models.BigIntegerField(), verbose_name=_("who wrote in it"), default=list)
    written_at = models.DateTimeField(_("written at"))
    published_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    published_at = models.DateTimeField(_("published at"), null=True)
    words = models.GeneratedField(
        expression=SearchVector("title", config=F("language"), weight="A")
        + SearchVector("symptoms", config=F("language"), weight="B")
        + SearchVector("body", config=F("language"), weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    head = models.GeneratedField(
        expression=SearchVector("title", config=F("language"), weight="A")
        + SearchVector("symptoms", config=F("language"), weight="B"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        app_label = "catalog"
        verbose_name = _("version of an article")
        verbose_name_plural = _("versions of articles")
        ordering = ("-number",)
        triggers = [WRITTEN_TEXT_STAYS, ANOTHER_PERSON_PUBLISHES]
        indexes = [
            GinIndex(fields=["words"], condition=Q(state=VersionStatus.PUBLISHED), name="words_of_live_articles"),
            GinIndex(fields=["head"], condition=Q(state=VersionStatus.PUBLISHED), name="head_of_live_articles"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="one_version_of_an_article_by_number"),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state=VersionStatus.PUBLISHED), name="one_live_version_of_an_article"
            ),
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(state__in=[VersionStatus.DRAFT, VersionStatus.REVIEW]),
                name="one_version_of_an_article_is_worked_on",
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionStatus.values), name="state_of_an_articles_version_is_known"
            ),
            models.CheckConstraint(condition=audiences.is_well_formed(), name="version_audience_is_known"),
            models.CheckConstraint(
                condition=~Q(state=VersionStatus.PUBLISHED) | Q(published_by__isnull=False, published_at__isnull=False),
                name="a_published_version_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} v{self.number}"

    @property
    def reference(self) -> str:
        return f"{self.article_id} v{self.number}"
