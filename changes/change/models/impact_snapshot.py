"""Which services would feel it if what a change names failed, as the configuration stood when somebody looked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ImpactSnapshot(models.Model):
    """`found`: {"service", "state", "via"} each, worst first, with the way as references. `of`: the items, the service
    of the change among them, that it was worked out for: of others it is stale.

    `by_hand`: services that people added. Looking anew replaces what was found, and never touches these.
    """

    change = models.OneToOneField("changes.Change", models.PROTECT, related_name="impact", verbose_name=_("change"))
    taken_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    of = ArrayField(models.BigIntegerField(), verbose_name=_("of items"), default=list, blank=True)
    found = models.JSONField(_("found"), default=list, blank=True)
    by_hand = ArrayField(models.BigIntegerField(), verbose_name=_("added by hand"), default=list, blank=True)

    class Meta:
        verbose_name = _("snapshot of an impact")
        verbose_name_plural = _("snapshots of impacts")
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_at__isnull=False) | Q(of=[], found=[]), name="an_impact_that_was_found_says_when"
            )
        ]

    def __str__(self) -> str:
        return f"impact of change {self.change_id}"
