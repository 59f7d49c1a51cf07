"""What each value of an item was, key by key. It only grows."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only


class History(models.Model):
    """One value of an item went from `before` to `after`. Who and what are texts and numbers: history outlives them.

    `key`: a field (`status`, `team`, `relation:<type>`), or `attributes.<key>`. `source`: `people` or a source of an
    import, with its `run`. `accounted`: a change covers it (`change_reference`), or it needs none; an edit in
    production that nothing covers is not, until it is explained (`Explanation`).
    """

    ci = models.ForeignKey("catalog.CI", models.DO_NOTHING, db_constraint=False, related_name="history")
    key = models.CharField(_("key"), max_length=80)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    at = models.DateTimeField(_("at"))
    actor_id = models.BigIntegerField(_("by"), null=True)
    actor_name = models.CharField(_("by name"), max_length=150)
    source = models.CharField(_("source"), max_length=63, default="people")
    run = models.BigIntegerField(_("run"), null=True)
    change_reference = models.CharField(_("change"), max_length=20, blank=True)
    accounted = models.BooleanField(_("accounted for"), default=True)
    why = models.CharField(_("why"), max_length=500, blank=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("history of an item")
        verbose_name_plural = _("histories of items")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [
            models.Index(F("ci"), F("key"), F("id").desc(), name="ci_history_by_key"),
            models.Index(fields=["ci", "-id"], name="ci_history_newest_first"),
            models.Index(fields=["ci", "-id"], condition=Q(accounted=False), name="ci_history_unaccounted"),
        ]

    def __str__(self) -> str:
        return f"{self.ci_id} {self.key}"


class Explanation(models.Model):
    """An edit that no change covered, explained afterwards: by a change, or by the reason of another person."""

    history = models.OneToOneField(History, models.PROTECT, related_name="explanation")
    at = models.DateTimeField(_("at"))
    actor_id = models.BigIntegerField(_("by"), null=True)
    actor_name = models.CharField(_("by name"), max_length=150)
    change_reference = models.CharField(_("change"), max_length=20, blank=True)
    why = models.CharField(_("why"), max_length=500, blank=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("explanation of an edit")
        verbose_name_plural = _("explanations of edits")
        ordering = ("id",)
        triggers = append_only.KEPT
        constraints = [
            models.CheckConstraint(
                condition=~Q(change_reference="", why=""), name="an_explanation_names_a_change_or_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.history_id}: {self.change_reference or self.why}"
