"""Who said that a change fixes a problem: what the gate may believe, where whoever said it has no interest in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FixWord(models.Model):
    """The word of one account that a change (by number; it lies above) fixes a problem of a service.

    It holds while the problem is of that service, and ends with the link that it was said with.
    """

    problem = models.ForeignKey(
        "incidents.Problem", models.CASCADE, related_name="fix_words", verbose_name=_("problem")
    )
    change_number = models.BigIntegerField(_("change"))
    service = models.ForeignKey(
        "catalog.Service", models.PROTECT, null=True, related_name="+", verbose_name=_("service")
    )
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("word about a fix")
        verbose_name_plural = _("words about fixes")
        ordering = ("id",)
        indexes = [models.Index(fields=["change_number"], name="fix_word_by_change")]
        constraints = [
            models.UniqueConstraint(fields=["problem", "change_number", "by"], name="one_fix_word_of_each"),
        ]

    def __str__(self) -> str:
        return f"fix of problem {self.problem_id} by change {self.change_number}"
