"""What proposes a major incident by itself: a row for each rule, kept by managers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.major.vocabulary import Rule


class CandidateRule(models.Model):
    """`least`: from how many on. `minutes`: within how long; 0: at any time."""

    kind = "candidate_rule"
    untold: ClassVar[tuple[str, ...]] = ()

    rule = models.CharField(_("rule"), max_length=20, choices=Rule, unique=True)
    is_on = models.BooleanField(_("proposes"), default=True)
    least = models.PositiveSmallIntegerField(_("from how many on"))
    minutes = models.PositiveSmallIntegerField(_("within how many minutes"), default=0)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("rule that proposes major incidents")
        verbose_name_plural = _("rules that propose major incidents")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=Q(least__range=(1, 1000)), name="candidate_rule_counts_something"),
            models.CheckConstraint(condition=Q(minutes__lte=1440), name="candidate_rule_looks_back_a_day_at_most"),
            models.CheckConstraint(condition=Q(rule__in=Rule.values), name="candidate_rule_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_rule_display()}"

    @property
    def reference(self) -> str:
        return self.rule

    def get_absolute_url(self) -> str:
        return "/majors/rules/"
