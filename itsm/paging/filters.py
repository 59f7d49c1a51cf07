"""Filters shared by the pages and the API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.api.filters import Listed
from itsm.paging.models import Escalation, Page
from itsm.paging.vocabulary import PageStatus, Urgency
from itsm.paging.workflow import Status


class EscalationFilter(Listed):
    state = django_filters.ChoiceFilter(field_name="status", choices=Status.choices, label=_("State"))
    urgency = django_filters.ChoiceFilter(choices=Urgency.choices, label=_("Urgency"))
    policy = django_filters.CharFilter(field_name="policy__slug", label=_("Policy"), max_length=63)
    team = django_filters.CharFilter(field_name="team__slug", label=_("Queue"), max_length=64)

    class Meta:
        model = Escalation
        fields = ("state", "urgency", "policy", "team")


class PageFilter(Listed):
    state = django_filters.ChoiceFilter(choices=PageStatus.choices, label=_("State"))
    person = django_filters.CharFilter(field_name="person__username", label=_("Person"), max_length=150)
    team = django_filters.CharFilter(field_name="team__slug", label=_("Queue"), max_length=64)
    failed = django_filters.BooleanFilter(method="has_failed", label=_("With a try that failed"))

    class Meta:
        model = Page
        fields = ("state", "person", "team", "failed")

    def has_failed(self, rows: QuerySet[Page], name: str, value: bool) -> QuerySet[Page]:
        failed = Page.objects.filter(attempts__outcome__ok=False).values("pk")
        return rows.filter(pk__in=failed) if value else rows.exclude(pk__in=failed)
