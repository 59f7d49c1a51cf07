"""What requests with an idempotency key made, kept for 72 hours."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyRecord(models.Model):
    """One key, one effect. Claimed and filled in the effect's own transaction.

    `made` names the record that the request made; `report` is kept only of actions that make no record.
    """

    principal = models.CharField(_("principal"), max_length=60)
    route = models.CharField(_("route"), max_length=200)
    key = models.CharField(_("key"), max_length=255)
    request_hash = models.CharField(_("request hash"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    made = models.CharField(_("what it made"), max_length=80, blank=True)
    location = models.CharField(_("location"), max_length=300, blank=True)
    report = models.TextField(_("report"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["principal", "route", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["created_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
