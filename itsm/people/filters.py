"""Filters shared by the pages of people and teams and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Role, Team, User
from itsm.api.filters import Listed


class PersonFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    role = django_filters.ChoiceFilter(
        method="holding", choices=Role.choices, label=_("Role"), empty_label=_("Any role")
    )
    own_role = django_filters.CharFilter(method="holding_own", label=_("Own role"), max_length=63)
    team = django_filters.CharFilter(field_name="teams__slug", label=_("Team"), max_length=63)
    location = django_filters.CharFilter(field_name="location__slug", label=_("Location"), max_length=63)
    account_type = django_filters.ChoiceFilter(
        field_name="account_type",
        choices=User.AccountType.choices,
        label=_("Kind"),
        empty_label=_("People and programs"),
    )
    active = django_filters.BooleanFilter(field_name="is_active", label=_("Active"))

    class Meta:
        model = User
        fields = ("text", "role", "own_role", "team", "location", "account_type", "active")

    def matching(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """By name or user name; addresses are not searched, since they are not shown to everybody."""
        return people.filter(Q(name__icontains=value) | Q(username__icontains=value))

    def holding(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return people.filter(roles__contains=[value])

    def holding_own(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return people.filter(own_roles__contains=[value])


class TeamFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Team
        fields = ("text", "retired")

    def matching(self, teams: QuerySet[Team], name: str, value: str) -> QuerySet[Team]:
        return teams.filter(Q(name__icontains=value) | Q(slug__icontains=value))
