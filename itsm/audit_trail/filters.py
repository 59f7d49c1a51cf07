"""Terms of the list of the history, for its page, its export and REST."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.api.filters import Listed
from itsm.audit.models import Entry
from itsm.kernel.actors import Door


class EntryFilter(Listed):
    who = django_filters.CharFilter(field_name="actor_name", lookup_expr="iexact", label=_("Who"), max_length=150)
    event = django_filters.CharFilter(method="happening", label=_("What"), max_length=80)
    record_kind = django_filters.CharFilter(label=_("Kind of record"), max_length=40)
    record_id = django_filters.NumberFilter(label=_("Number of the record"), min_value=1, max_value=2**63 - 1)
    door = django_filters.ChoiceFilter(
        field_name="via", choices=[(one.value, one.value) for one in Door], label=_("Door"), empty_label=_("Any door")
    )
    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte", label=_("Since"))
    until = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt", label=_("Before"))
    text = django_filters.CharFilter(
        field_name="reference", lookup_expr="icontains", label=_("Text of the reference"), max_length=80
    )
    request = django_filters.CharFilter(field_name="request_id", label=_("Request"), max_length=64)

    class Meta:
        model = Entry
        fields = ("who", "event", "record_kind", "record_id", "door", "since", "until", "text", "request")

    def happening(self, entries: QuerySet[Entry], name: str, value: str) -> QuerySet[Entry]:
        """An event (incident.edited), or all of a kind (incident.)."""
        return entries.filter(event__startswith=value) if value.endswith(".") else entries.filter(event=value)
