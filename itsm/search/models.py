"""The index: one row per record that can be found, and the words that titles are made of."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Document(models.Model):
    """How one record is found, and by whom: a row is seen where its `audience` meets the actor's own tokens.

    Tokens are `all`, `staff`, `team:7`, `user:12`. `about` names in the same way whose records these are
    (`service:3`, `user:12`). `is_thing` marks what has records of its own: services, people, teams, objectives.
    """

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    reference = models.CharField(_("reference"), max_length=150)
    # CHG-00042 is found as chg 42 and as 42: the parts of a numbered reference.
    prefix = models.CharField(_("prefix"), max_length=4, blank=True)
    number = models.BigIntegerField(_("number"), null=True)
    title = models.CharField(_("title"), max_length=220)
    text = models.TextField(_("text"), blank=True)
    path = models.CharField(_("path"), max_length=400)
    audience = ArrayField(models.CharField(max_length=30), verbose_name=_("audience"))
    about = ArrayField(models.CharField(max_length=30), verbose_name=_("about"), default=list)
    is_thing = models.BooleanField(_("has records of its own"), default=False)
    is_over = models.BooleanField(_("over"), default=False)
    words = models.GeneratedField(
        expression=SearchVector("reference", "title", config="simple", weight="A")
        + SearchVector("text", config="simple", weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        constraints = [models.UniqueConstraint(fields=["record_kind", "record_id"], name="one_document_per_record")]
        indexes = [
            GinIndex(fields=["words"], name="document_words"),
            GinIndex(fields=["words"], condition=models.Q(is_thing=True), name="document_words_of_things"),
            GinIndex(fields=["audience"], name="document_audience"),
            GinIndex(fields=["about"], name="document_about"),
            models.Index(fields=["number", "prefix"], condition=models.Q(number__isnull=False), name="document_number"),
            models.Index(models.F("reference"), condition=models.Q(is_thing=True), name="document_thing_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class Word(models.Model):
    """A word of some title, to find what a mistyped one may mean. Written twice by two at once, it does no harm."""

    word = models.CharField(_("word"), max_length=30)

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("words")
        indexes = [
            # At once, without a list of what is pending: every look-up would read that whole list; a word comes once.
            GinIndex(OpClass(models.F("word"), name="gin_trgm_ops"), name="word_trigrams", fastupdate=False),
            models.Index(fields=["word"], name="word_itself", opclasses=["text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.word
