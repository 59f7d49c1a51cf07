"""Answers that were given to requests with an idempotency key, kept for 72 hours."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Answer(models.Model):
    """One key, one effect, one answer. Claimed and filled in the effect's own transaction."""

    principal = models.CharField(_("principal"), max_length=60)
    route = models.CharField(_("route"), max_length=200)
    key = models.CharField(_("key"), max_length=255)
    request_hash = models.CharField(_("request hash"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    headers = models.JSONField(_("headers"), default=dict)
    body = models.TextField(_("body"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["principal", "route", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["created_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
