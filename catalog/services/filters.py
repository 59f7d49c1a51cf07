"""Filters shared by the services page and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.services.models import Service
from catalog.services.vocabulary import Tier
from itsm.api.filters import Listed


class ServiceFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    tier = django_filters.ChoiceFilter(choices=Tier.choices, label=_("Tier"), empty_label=_("Any tier"))
    team = django_filters.CharFilter(field_name="team__slug", label=_("Team"), max_length=63)

    class Meta:
        model = Service
        fields = ("text", "tier", "team")

    def matching(self, services: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        return services.filter(Q(name__icontains=value) | Q(slug__icontains=value) | Q(description__icontains=value))
