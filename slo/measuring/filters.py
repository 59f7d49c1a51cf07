"""Filters of indicators and samples in quarantine, shared by pages and API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from itsm.api.filters import Listed
from slo.measuring.models import Indicator, QuarantinedSample
from slo.measuring.workflow import QuarantineStatus


class IndicatorFilter(Listed):
    source = django_filters.ChoiceFilter(choices=Indicator.Source.choices, label=_("Source"))

    class Meta:
        model = Indicator
        fields = ("source",)


class QuarantineFilter(Listed):
    sli = django_filters.CharFilter(field_name="indicator__slug", label=_("Indicator"), max_length=63)
    status = django_filters.ChoiceFilter(choices=QuarantineStatus.choices, label=_("State"))

    class Meta:
        model = QuarantinedSample
        fields = ("sli", "status")
