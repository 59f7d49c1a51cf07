"""An override: a business-critical change ships all the same, on two names, counted, and looked at afterwards."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.audit.only_people import NotByAnAgent

PER_QUARTER = 3
SHORTEST_REASON = 30


class Override(models.Model):
    """One counted token of the owning team's `PER_QUARTER` in a quarter, named by its first day."""

    kind = "gate_override"

    evaluation = models.OneToOneField(
        "changes.Evaluation", models.PROTECT, related_name="override", verbose_name=_("evaluation")
    )
    change = models.ForeignKey("changes.Change", models.PROTECT, related_name="overrides", verbose_name=_("change"))
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("team"))
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    seconded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("seconded by"))
    reason = models.TextField(_("reason"), max_length=2000)
    quarter = models.DateField(_("quarter"))
    number = models.PositiveSmallIntegerField(_("number in the quarter"))
    at = models.DateTimeField(_("at"))
    review_due_at = models.DateTimeField(_("review due at"))

    class Meta:
        verbose_name = _("override")
        verbose_name_plural = _("overrides")
        ordering = ("-id",)
        triggers = [*append_only.KEPT, NotByAnAgent("asked_by", "seconded_by")]
        constraints = [
            models.UniqueConstraint(fields=["team", "quarter", "number"], name="an_override_takes_one_token"),
            models.CheckConstraint(condition=Q(number__range=(1, PER_QUARTER)), name="overrides_are_counted"),
            models.CheckConstraint(condition=~Q(asked_by=models.F("seconded_by")), name="an_override_has_two_names"),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length(Trim("reason")), SHORTEST_REASON), name="an_override_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"override {self.number} of {self.quarter} for {self.change_id}"

    @property
    def reference(self) -> str:
        return f"override-{self.pk}"
