"""Filters shared by the pages and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.major.models import Major
from incidents.major.queries import overdue
from incidents.major.vocabulary import Severity
from incidents.major.workflow import Status
from itsm.api.filters import Listed
from itsm.kernel.references import number_in


class MajorFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    state = django_filters.ChoiceFilter(field_name="status", choices=Status.choices, label=_("State"))
    severity = django_filters.ChoiceFilter(field_name="severity", choices=Severity.choices, label=_("Severity"))
    service = django_filters.CharFilter(field_name="incident__service__slug", label=_("Service"), max_length=63)
    update = django_filters.ChoiceFilter(
        method="update_is", choices=[("overdue", _("Overdue"))], label=_("Next update")
    )

    class Meta:
        model = Major
        fields = ("text", "state", "severity", "service", "update")

    def matching(self, rows: QuerySet[Major], name: str, value: str) -> QuerySet[Major]:
        """Words of the title or the impact, or a reference."""
        number = number_in(value, "INC")
        if number is not None:
            return rows.filter(incident=number)
        return rows.filter(Q(incident__title__icontains=value) | Q(impact__icontains=value))

    def update_is(self, rows: QuerySet[Major], name: str, value: str) -> QuerySet[Major]:
        """Those of which those who wait should have heard something."""
        return overdue(rows, timezone.now())
