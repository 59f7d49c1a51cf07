"""Whether articles helped, and where they were used."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ArticleVote(models.Model):
    """Whether an article helped a person: one word of each, which they may change."""

    article = models.ForeignKey("catalog.Article", models.CASCADE, related_name="feedback", db_index=False)
    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    helped = models.BooleanField(_("helped"))
    at = models.DateTimeField(_("at"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("vote on an article")
        verbose_name_plural = _("votes on articles")
        constraints = [models.UniqueConstraint(fields=["article", "person"], name="one_vote_of_a_person_on_an_article")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.helped}"


class ArticleUse(models.Model):
    """A record on which an article was used, once."""

    article = models.ForeignKey("catalog.Article", models.CASCADE, related_name="used", db_index=False)
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("use of an article")
        verbose_name_plural = _("uses of articles")
        indexes = [models.Index(fields=["record_kind", "record_id"], name="article_use_by_record")]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "record_kind", "record_id"], name="one_use_of_an_article_on_a_record"
            )
        ]

    def __str__(self) -> str:
        return f"{self.article_id} on {self.record_kind} {self.record_id}"
