"""Filters shared by the SLO pages and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.api.filters import Listed
from slo.engine.states import State
from slo.models import Indicator, Objective


class ObjectiveFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    service = django_filters.CharFilter(field_name="service__slug", label=_("Service"), max_length=63)
    environment = django_filters.CharFilter(label=_("Environment"), max_length=63)
    state = django_filters.ChoiceFilter(
        field_name="budget__state",
        choices=[(state.value, state.value.replace("_", " ")) for state in State],
        label=_("State"),
        empty_label=_("Any state"),
    )

    class Meta:
        model = Objective
        fields = ("text", "service", "environment", "state")

    def matching(self, objectives: QuerySet[Objective], name: str, value: str) -> QuerySet[Objective]:
        return objectives.filter(Q(slug__icontains=value) | Q(name__icontains=value))


class IndicatorFilter(Listed):
    source = django_filters.ChoiceFilter(choices=Indicator.Source.choices, label=_("Source"))

    class Meta:
        model = Indicator
        fields = ("source",)
