"""Filters shared by the incidents page and the API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import OPEN, Status
from itsm.api.filters import Listed
from itsm.kernel.references import number_in

STATES = [("open", _("Open")), *Status.choices]


class IncidentFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    state = django_filters.ChoiceFilter(method="in_state", choices=STATES, label=_("State"), empty_label=_("Any state"))
    priority = django_filters.ChoiceFilter(choices=Priority.choices, label=_("Priority"), empty_label=_("Any priority"))
    service = django_filters.CharFilter(field_name="service__slug", label=_("Service"), max_length=63)

    class Meta:
        model = Incident
        fields = ("text", "state", "priority", "service")

    def matching(self, incidents: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        number = number_in(value, "INC")
        if number is not None:
            return incidents.filter(pk=number)
        return incidents.filter(title__icontains=value)  # descriptions are found by the search

    def in_state(self, incidents: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        return incidents.filter(status__in=OPEN) if value == "open" else incidents.filter(status=value)
