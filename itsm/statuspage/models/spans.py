"""How components stood, from when until when, and by what: the state now and the history of 90 days are read here."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.statuspage.models.notices import Maintenance, PublicIncident
from itsm.statuspage.models.pages import Component
from itsm.statuspage.vocabulary import State

_BY_HAND = Q(incident=None, maintenance=None)


class ComponentSpan(models.Model):
    """A component was in `state` during [began_at, ended_at), as an incident or maintenance said, or somebody by hand.

    What is said by hand holds over what notices say.
    """

    component = models.ForeignKey(Component, models.PROTECT, related_name="spans", verbose_name=_("component"))
    incident = models.ForeignKey(
        PublicIncident, models.PROTECT, null=True, related_name="spans", verbose_name=_("incident")
    )
    maintenance = models.ForeignKey(
        Maintenance, models.PROTECT, null=True, related_name="spans", verbose_name=_("maintenance")
    )
    state = models.CharField(_("state"), max_length=20, choices=State)
    began_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("state of a component")
        verbose_name_plural = _("states of components")
        ordering = ("began_at", "id")
        indexes = [models.Index(fields=["component", "-began_at"], name="span_of_component")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="component_state_is_known"),
            models.CheckConstraint(condition=Q(incident=None) | Q(maintenance=None), name="a_span_is_of_one_notice"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="a_span_ends_after_it_began"
            ),
            models.UniqueConstraint(
                fields=["component", "incident"], condition=Q(ended_at=None), name="one_open_span_of_an_incident"
            ),
            models.UniqueConstraint(
                fields=["component", "maintenance"], condition=Q(ended_at=None), name="one_open_span_of_maintenance"
            ),
            models.UniqueConstraint(
                fields=["component"], condition=_BY_HAND & Q(ended_at=None), name="one_open_span_by_hand"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component_id} {self.state}"

    @property
    def is_by_hand(self) -> bool:
        return self.incident_id is None and self.maintenance_id is None
