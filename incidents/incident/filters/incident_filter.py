"""The filter of the API: its parameters are the terms of the grammar."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.incident.filters.reading import Reading
from incidents.incident.filters.terms import FIELDS, Meaning, add_term, is_field, narrowed
from incidents.incident.models import Incident
from itsm.accounts.actors import actor_of
from itsm.api.filters import PAGING, Listed, refuse_unknown
from itsm.work import grammar

_VALUES = _("Any of these values, with commas between them; a range such as now..+4h; me, my-teams, none or any.")


class IncidentFilter(Listed):
    """Terms of `itsm.work.grammar`: each narrows the list, `not.` before a name turns it round."""

    def filter_queryset(self, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        sent = [(name, value) for name, values in self.data.lists() for value in values if name not in PAGING]
        strangers = [name for name, _value in sent if not is_field(name.removeprefix(grammar.NOT))]
        if strangers:
            refuse_unknown(self.data, [*FIELDS, *(name for name, _value in sent if name not in strangers)])
        terms = grammar.parse(sent, is_field)
        return narrowed(queryset, terms, Reading.by(actor_of(self.request)))

    class Meta:
        model = Incident
        fields: tuple[str, ...] = ()


# Declared so that the schema names them; their meaning is in `terms`.
IncidentFilter.base_filters.update(
    {name: django_filters.CharFilter(label=said, help_text=_VALUES) for name, said in FIELDS.items()}
)


def register_term(name: str, label: Any, meaning: Meaning) -> None:
    """A term of a sub-domain above: called once, at start, before anybody filters."""
    add_term(name, label, meaning)
    IncidentFilter.base_filters[name] = django_filters.CharFilter(label=label, help_text=_VALUES)
