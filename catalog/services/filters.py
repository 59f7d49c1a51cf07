"""Filters shared by the services page and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.services.models import Service
from catalog.services.vocabulary import ServiceType, Tier
from itsm.accounts.permissions import staff
from itsm.api.filters import Listed
from itsm.kernel.actors import Actor


class RequesterServiceFilter(Listed):
    """By what a requester reads of a service: a filter by what is not shown would tell it."""

    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)

    class Meta:
        model = Service
        fields: tuple[str, ...] = ("text",)

    def matching(self, services: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        return services.filter(Q(name__icontains=value) | Q(slug__icontains=value) | Q(description__icontains=value))


class ServiceFilter(RequesterServiceFilter):
    tier = django_filters.ChoiceFilter(choices=Tier.choices, label=_("Tier"), empty_label=_("Any tier"))
    service_type = django_filters.ChoiceFilter(choices=ServiceType.choices, label=_("Kind"), empty_label=_("Any kind"))
    team = django_filters.CharFilter(field_name="team__slug", label=_("Team"), max_length=63)

    class Meta:
        model = Service
        fields = ("text", "tier", "service_type", "team")


def filter_for(actor: Actor) -> type[RequesterServiceFilter]:
    """The filters that this actor may use."""
    return ServiceFilter if staff(actor) else RequesterServiceFilter
