"""Rules of retention, the runs that keep them, and which records had their texts purged."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.work.retention import Kept, offered

MOST_MONTHS = 600


class RetentionRule(models.Model):
    """Records of a kind, of a category or (0) of all that have no rule of their own, go once they are so old.

    `export_first`: no nightly run takes them; the command does, which writes them to a file before. `active`: switched
    on by an administrator; without that nothing goes.
    """

    kind = "retention_rule"

    record_kind = models.CharField(_("what"), max_length=40)
    category = models.BigIntegerField(_("category"), default=0)
    months = models.PositiveSmallIntegerField(_("months"))
    export_first = models.BooleanField(_("export first"), default=False)
    active = models.BooleanField(_("switched on"), default=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering = ("record_kind", "category")
        constraints = [
            models.UniqueConstraint(fields=["record_kind", "category"], name="one_retention_rule_of_a_category"),
            models.CheckConstraint(condition=Q(months__range=(1, MOST_MONTHS)), name="retention_is_of_some_months"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"retention {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/settings/retention/#rule-{self.pk}"

    @property
    def kept(self) -> Kept:
        """What is kept by it; KeyError where no app offers it any more."""
        return offered()[self.record_kind]

    @property
    def category_words(self) -> str:
        """Its category in words; empty: all that have no rule of their own."""
        return dict(self.kept.categories()).get(self.category, f"# {self.category}") if self.category else ""


class RetentionRun(models.Model):
    """One run by a rule. What went stands here in the batch that took it; without an end it was killed, or goes on."""

    rule = models.ForeignKey(RetentionRule, models.CASCADE, related_name="runs", verbose_name=_("rule"))
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    gone = models.PositiveIntegerField(_("gone"), default=0)

    class Meta:
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["rule"], condition=Q(ended_at=None), name="one_retention_run_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="retention_run_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.began_at:%Y-%m-%d}: {self.gone}"


class Purged(models.Model):
    """A record whose texts were purged. Its row, its numbers and who did what and when stay."""

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    at = models.DateTimeField(_("at"), db_default=models.functions.Now())

    class Meta:
        verbose_name = _("purged record")
        verbose_name_plural = _("purged records")
        constraints = [models.UniqueConstraint(fields=["record_kind", "record_id"], name="a_record_is_purged_once")]

    def __str__(self) -> str:
        return f"{self.record_kind} {self.record_id}"
