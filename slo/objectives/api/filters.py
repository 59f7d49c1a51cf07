"""Filters of corrections, outage periods and samples in quarantine, for the API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from itsm.api.filters import Listed
from slo.objectives.models import Correction, Outage
from slo.objectives.workflow import CorrectionStatus


class CorrectionFilter(Listed):
    slo = django_filters.CharFilter(field_name="objective__slug", label=_("Objective"), max_length=63)
    status = django_filters.ChoiceFilter(choices=CorrectionStatus.choices, label=_("Status"))

    class Meta:
        model = Correction
        fields = ("slo", "status")


class OutageFilter(Listed):
    slo = django_filters.CharFilter(field_name="objective__slug", label=_("Objective"), max_length=63)
    service = django_filters.CharFilter(field_name="objective__service__slug", label=_("Service"), max_length=63)
    cause = django_filters.CharFilter(field_name="causes__reference", label=_("Cause"), max_length=20)

    class Meta:
        model = Outage
        fields = ("slo", "service", "cause")
