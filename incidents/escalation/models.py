"""Routes: which escalation policy answers for which incidents, and when."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.paging.vocabulary import Urgency


class EscalationRoute(models.Model):
    """One line of the table: the first whose conditions all hold says the policy. An empty condition always holds.

    `team`: the queue the incident lies in. `days` (0 Monday to 6 Sunday) and [`between_from`, `between_to`) are read
    on the clocks of `zone`; a stretch over midnight belongs to the day on which it begins.
    """

    kind = "escalation_route"

    position = models.PositiveSmallIntegerField(_("position"))
    service = models.ForeignKey(
        "catalog.Service", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("queue")
    )
    urgency = models.CharField(_("urgency"), max_length=4, choices=Urgency, blank=True)
    days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("days"), default=list, blank=True)
    between_from = models.TimeField(_("from"), null=True, blank=True)
    between_to = models.TimeField(_("until"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    policy = models.ForeignKey(
        "paging.EscalationPolicy", models.PROTECT, related_name="+", verbose_name=_("escalation policy")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("escalation route")
        verbose_name_plural = _("escalation routes")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["position"], name="one_route_at_each_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(between_from=None, between_to=None)
                | Q(between_from__isnull=False, between_to__isnull=False),
                name="a_route_has_both_times_or_none",
            ),
            models.CheckConstraint(
                condition=Q(days__contained_by=[0, 1, 2, 3, 4, 5, 6]), name="a_route_names_days_of_the_week"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.policy}"

    @property
    def takes_everything(self) -> bool:
        """Without conditions: no route behind it is ever taken."""
        return not (self.service_id or self.team_id or self.urgency or self.days or self.between_from)

    @property
    def reference(self) -> str:
        return str(self.position)

    def get_absolute_url(self) -> str:
        return "/escalation-routes/"
