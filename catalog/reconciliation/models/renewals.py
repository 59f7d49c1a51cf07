"""What another rank or another patience makes true is owed until it is worked out."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.reconciliation.models.sources import Source


class Renewal(models.Model):
    """The items of a source are worked out anew, `done` of `total`, up to the item `through` (an id). One of a source:
    asked for again, it begins again."""

    source = models.OneToOneField(Source, models.CASCADE, related_name="renewal", verbose_name=_("source"))
    through = models.BigIntegerField(_("through"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), default=0)
    asked_at = models.DateTimeField(_("asked at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("renewal of a source's items")
        verbose_name_plural = _("renewals of sources' items")
        ordering = ("source",)
        indexes = [models.Index(fields=["id"], condition=Q(ended_at=None), name="renewals_that_are_owed")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("asked_at")),
                name="a_renewal_ends_after_its_beginning",
            ),
        ]

    @property
    def per_cent(self) -> int:
        """How far it is: of how many items says nothing about whom they belong to."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    def __str__(self) -> str:
        return f"{self.source_id} {self.done}/{self.total}"
