"""Words of what is live, by whom it is for: what a mistyped word may mean to a reader."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _


class ArticleWord(models.Model):
    """A word that live articles of this audience hold, in how many. Nobody is offered a word by another token than
    their own. `letters`: its letters in order, to find those that changed places.
    """

    token = models.CharField(_("token"), max_length=30)
    word = models.CharField(_("word"), max_length=30)
    letters = models.CharField(_("letters"), max_length=30)
    uses = models.IntegerField(_("articles"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("word of articles")
        verbose_name_plural = _("words of articles")
        indexes = [
            GinIndex(OpClass(models.F("word"), name="gin_trgm_ops"), name="article_word_trigrams"),
            models.Index(fields=["letters"], name="article_word_letters"),
            models.Index(fields=["word"], name="article_word_itself", opclasses=["text_pattern_ops"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["token", "word"], name="one_word_of_articles_by_token"),
            models.CheckConstraint(condition=models.Q(uses__gte=0), name="a_word_is_in_no_fewer_than_no_articles"),
        ]

    def __str__(self) -> str:
        return f"{self.word} ({self.token})"
