"""What lists of catalog items are narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.items.models import CatalogItem
from catalog.items.permissions import staff
from catalog.items.queries import offered
from catalog.items.vocabulary import Status
from itsm.accounts.actors import actor_of
from itsm.api.filters import Listed, refuse_unknown


class ItemFilter(Listed):
    """`offered`: whether the caller may ask for it. Requesters are shown what is offered, and narrow by category."""

    status = django_filters.ChoiceFilter(choices=Status.choices, label=_("State"), empty_label=_("Any state"))
    category = django_filters.CharFilter(field_name="category", label=_("Category"), max_length=60)
    team = django_filters.CharFilter(field_name="team__slug", label=_("Team"), max_length=63)
    live = django_filters.BooleanFilter(field_name="live", lookup_expr="isnull", exclude=True, label=_("Live"))
    offered = django_filters.BooleanFilter(method="that_are_offered", label=_("Offered"))

    class Meta:
        model = CatalogItem
        fields = ("status", "category", "team", "live", "offered")

    def filter_queryset(self, queryset: Any) -> Any:
        """What requesters may not ask is unknown to them. Raises ValidationError."""
        asks = actor_of(self.request) if self.request is not None else None
        if asks is not None and not staff(asks):
            refuse_unknown(self.data, ["category"])
        return super().filter_queryset(queryset)

    def that_are_offered(self, items: QuerySet[CatalogItem], name: str, value: bool) -> QuerySet[CatalogItem]:
        """Without them where `value` is false."""
        ids = offered(actor_of(self.request)).order_by().values("pk")
        return items.filter(pk__in=ids) if value else items.exclude(pk__in=ids)
