"""What happened: one entry per event, written in the event's own transaction, never changed."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only


class Entry(models.Model):
    """Who did what to which record, through which door, with values before and after."""

    at = models.DateTimeField(_("at"), db_default=models.functions.Now(), editable=False)
    actor_id = models.BigIntegerField(_("actor"), null=True)  # no foreign key: history outlives accounts
    actor_name = models.CharField(_("actor name"), max_length=150)
    actor_kind = models.CharField(_("actor kind"), max_length=10)
    via = models.CharField(_("door"), max_length=10)
    event = models.CharField(_("event"), max_length=80)
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    reference = models.CharField(_("reference"), max_length=80)
    changes = models.JSONField(_("changes"), default=dict)  # field -> [before, after]
    remark = models.TextField(_("remark"), blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [
            models.Index(fields=["record_kind", "record_id", "-id"], name="audit_by_record"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            BrinIndex(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.reference} by {self.actor_name}"
