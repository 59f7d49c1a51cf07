"""What data sources still owe: minutes that were asked for and not answered."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class OwedPiece(models.Model):
    """Minutes [first_minute, end_minute) since 1970 of an indicator that are asked for again from `next_at` on.

    `failed`: the question had no usable answer, so that nobody knows what happened then; while it stands, budgets
    whose window holds it are of low confidence. Else the source answered without figures, which may come late.
    """

    indicator = models.ForeignKey("slo.Indicator", models.CASCADE, related_name="owed")
    first_minute = models.BigIntegerField(_("from minute"))
    end_minute = models.BigIntegerField(_("until minute"))
    failed = models.BooleanField(_("the question failed"))
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    owed_since = models.DateTimeField(_("owed since"))
    next_at = models.DateTimeField(_("asked again at"))
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("owed piece")
        verbose_name_plural = _("owed pieces")
        ordering = ("indicator", "first_minute")
        constraints = [
            models.UniqueConstraint(fields=["indicator", "first_minute"], name="an_owed_piece_is_kept_once"),
            models.CheckConstraint(name="an_owed_piece_has_minutes", condition=Q(first_minute__lt=F("end_minute"))),
        ]

    def __str__(self) -> str:
        return f"indicator {self.indicator_id} from {self.first_minute} until {self.end_minute}"
