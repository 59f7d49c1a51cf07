"""Filters shared by pages and the API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.filters import of_item
from catalog.reconciliation.models import Conflict
from catalog.reconciliation.vocabulary import ConflictState
from itsm.api.filters import Listed


class ConflictFilter(Listed):
    """`ci`: a reference. `source`: the key of the source that says otherwise."""

    state = django_filters.ChoiceFilter(choices=ConflictState.choices, label=_("State"), empty_label=_("Any state"))
    ci = django_filters.CharFilter(method="of_item", label=_("Item"), max_length=20)
    source = django_filters.CharFilter(field_name="record__source__slug", label=_("Source"), max_length=63)
    key = django_filters.CharFilter(label=_("Key"), max_length=80)

    class Meta:
        model = Conflict
        fields = ("state", "ci", "source", "key")

    def of_item(self, conflicts: QuerySet[Conflict], name: str, value: str) -> QuerySet[Conflict]:
        return of_item(self, conflicts, name, value)
