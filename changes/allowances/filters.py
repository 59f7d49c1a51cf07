"""Filters of allowances."""

from typing import TYPE_CHECKING

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import every_service
from changes.allowances.models import Allowance
from itsm.api.filters import Listed

if TYPE_CHECKING:
    from catalog.models import Service


def _services(request: object) -> "QuerySet[Service]":
    return every_service()


class AllowanceFilter(Listed):
    service = django_filters.ModelChoiceFilter(
        field_name="service", queryset=_services, to_field_name="slug", label=_("Service")
    )
    agent = django_filters.CharFilter(field_name="agent__username", label=_("Software agent"))
    team = django_filters.CharFilter(field_name="team__slug", label=_("Team"))
    standing = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull", label=_("Not taken back"))

    class Meta:
        model = Allowance
        fields = ("service", "agent", "team", "standing")
