"""What each source has of one thing: kept as it was said, so that everything else can be worked out from it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.reconciliation.models.sources import Source


class SourceRecord(models.Model):
    """One thing as one source has it, under the source's own key.

    `values`: scheme -> the normalised value by which it is known; `tokens`: the same as "scheme=value", for finding.
    `claims`: key -> what it says; `said_at`: key -> instant, where a claim is not of `observed_at`. `gone_at`: since
    when a complete run of its source had it no more. `dated`: the document said itself when it was observed; else
    `observed_at` is when it came.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="records", verbose_name=_("source"))
    key = models.CharField(_("key"), max_length=500)
    ci = models.ForeignKey(
        "catalog.CI", models.PROTECT, null=True, related_name="records", verbose_name=_("configuration item")
    )
    class_slug = models.CharField(_("class"), max_length=40, blank=True)
    values = models.JSONField(_("identified by"), default=dict)
    tokens = ArrayField(models.TextField(), default=list)
    claims = models.JSONField(_("claims"), default=dict)
    said_at = models.JSONField(_("said at"), default=dict)
    hash = models.CharField(_("hash of the content"), max_length=64, blank=True)
    observed_at = models.DateTimeField(_("observed at"))
    dated = models.BooleanField(_("says itself when it was observed"), default=False)
    last_seen_at = models.DateTimeField(_("last seen at"))
    gone_at = models.DateTimeField(_("gone at"), null=True, blank=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("record of a source")
        verbose_name_plural = _("records of sources")
        ordering = ("id",)
        indexes = [GinIndex(fields=["tokens"], name="source_record_tokens")]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="a_source_has_a_key_once"),
        ]

    def __str__(self) -> str:
        return self.key


class RelationClaim(models.Model):
    """A relation that a record claims. `by`: "key" of the same source, or the scheme that `target` is a value of.

    `direction`: "out", the record is the source of the relation; "in", the target is. `relation`: while it holds;
    without one the claim waits for its target.
    """

    record = models.ForeignKey(SourceRecord, models.CASCADE, related_name="relation_claims")
    type = models.CharField(_("type"), max_length=40)
    direction = models.CharField(_("direction"), max_length=3)
    by = models.CharField(_("by"), max_length=80, default="key")
    target = models.CharField(_("target"), max_length=500)
    relation = models.ForeignKey("catalog.Relation", models.SET_NULL, null=True, related_name="claims")

    class Meta:
        app_label = "catalog"
        verbose_name = _("claimed relation")
        verbose_name_plural = _("claimed relations")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["record", "type", "direction", "by", "target"], name="a_record_claims_a_relation_once"
            ),
            models.CheckConstraint(condition=Q(direction__in=["out", "in"]), name="direction_of_a_claim_is_known"),
        ]
        indexes = [
            models.Index(fields=["by", "target"], condition=Q(relation=None), name="relation_claims_that_wait"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.target}"
