"""Filters shared by the SLO pages and the API."""

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.environments.filters import EnvironmentFilter
from itsm.api.filters import Listed
from slo.engine.states import State
from slo.measuring.models import SeriesMember
from slo.measuring.vocabulary import METHODS
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.overview import shown_state


class ObjectiveFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    service = django_filters.CharFilter(field_name="service__slug", label=_("Service"), max_length=63)
    environment = EnvironmentFilter()
    state = django_filters.ChoiceFilter(
        field_name="budget__state",
        choices=[(state.value, state.value.replace("_", " ")) for state in State],
        label=_("State"),
        empty_label=_("Any state"),
    )

    method = django_filters.ChoiceFilter(choices=METHODS, label=_("Budgeting method"))
    gating = django_filters.BooleanFilter(label=_("Decides about changes"))
    team = django_filters.CharFilter(field_name="service__team__slug", label=_("Team"), max_length=63)
    window = django_filters.ChoiceFilter(
        method="by_window", choices=[("rolling", _("rolling")), ("calendar", _("by the calendar"))], label=_("Window")
    )
    source_failing = django_filters.BooleanFilter(method="by_source", label=_("Source fails"))
    managed_by = django_filters.CharFilter(label=_("Declared by"), max_length=63)
    retired = django_filters.BooleanFilter(method="among_retired", label=_("Retired"))

    class Meta:
        model = Objective
        fields = (
            "text", "service", "team", "environment", "state", "method", "window", "gating", "source_failing",
            "managed_by", "retired",
        )  # fmt: skip

    def filter_queryset(self, queryset: QuerySet[Objective]) -> QuerySet[Objective]:
        """Without a word about it, those in force."""
        found: QuerySet[Objective] = super().filter_queryset(queryset)
        return found.filter(retired_at=None) if self.form.cleaned_data.get("retired") is None else found

    def among_retired(self, objectives: QuerySet[Objective], name: str, value: bool) -> QuerySet[Objective]:
        return objectives.filter(retired_at__isnull=not value)

    def by_window(self, objectives: QuerySet[Objective], name: str, value: str) -> QuerySet[Objective]:
        return objectives.filter(calendar_unit="") if value == "rolling" else objectives.exclude(calendar_unit="")

    def by_source(self, objectives: QuerySet[Objective], name: str, value: bool) -> QuerySet[Objective]:
        """Some indicator of it, alone or in a composite, cannot be measured."""
        failing = SeriesMember.objects.filter(
            series__counted_periods__objective=OuterRef("pk"), indicator__failing_since__isnull=False
        )
        return objectives.filter(Exists(failing) if value else ~Exists(failing))

    def matching(self, objectives: QuerySet[Objective], name: str, value: str) -> QuerySet[Objective]:
        return objectives.filter(Q(slug__icontains=value) | Q(name__icontains=value))


class OverviewFilter(ObjectiveFilter):
    """For the pages: by the state that they show, where a silent source has no data whatever was stored last."""

    state = django_filters.ChoiceFilter(
        method="shown_as", choices=[(state.value, state.value.replace("_", " ")) for state in State], label=_("State")
    )

    def shown_as(self, objectives: QuerySet[Objective], name: str, value: str) -> QuerySet[Objective]:
        shown = Budget.objects.annotate(shown=shown_state(timezone.now())).filter(shown=value)
        return objectives.filter(pk__in=shown.values("pk"))
