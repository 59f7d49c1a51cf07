"""Where sources differ, and what people said of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.reconciliation.models.records import SourceRecord
from catalog.reconciliation.vocabulary import ConflictState


class Verdict(models.Model):
    """A person said that two records are of one thing, or are not. It outlives all that the records say themselves."""

    kind = "verdict"

    a = models.ForeignKey(SourceRecord, models.CASCADE, related_name="+")
    b = models.ForeignKey(SourceRecord, models.CASCADE, related_name="+")
    same = models.BooleanField(_("same"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    why = models.CharField(_("why"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("said at"), auto_now_add=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("verdict on two records")
        verbose_name_plural = _("verdicts on two records")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["a", "b"], name="one_verdict_on_two_records"),
            models.CheckConstraint(condition=Q(a__lt=F("b")), name="the_older_record_of_a_verdict_comes_first"),
        ]

    def __str__(self) -> str:
        return f"{self.a_id} {self.b_id} {self.same}"

    @property
    def reference(self) -> str:
        return str(self.pk)


class Conflict(models.Model):
    """A record says otherwise than what holds of an item. `values`: {"holds": …, "says": …}."""

    kind = "conflict"

    ci = models.ForeignKey("catalog.CI", models.CASCADE, related_name="conflicts")
    key = models.CharField(_("key"), max_length=80)
    record = models.ForeignKey(SourceRecord, models.CASCADE, related_name="conflicts")
    values = models.JSONField(_("values"), default=dict)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    state = models.CharField(_("state"), max_length=8, choices=ConflictState, default=ConflictState.OPEN)
    why = models.CharField(_("why"), max_length=500, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("conflict of sources")
        verbose_name_plural = _("conflicts of sources")
        ordering = ("-last_seen", "-id")
        indexes = [models.Index(fields=["ci", "key"], condition=Q(state="open"), name="open_conflicts_of_an_item")]
        constraints = [
            models.UniqueConstraint(fields=["ci", "key", "record"], name="one_conflict_of_a_record_on_a_key"),
            models.CheckConstraint(condition=Q(state__in=ConflictState.values), name="state_of_a_conflict_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.ci_id} {self.key}"

    @property
    def reference(self) -> str:
        return str(self.pk)
