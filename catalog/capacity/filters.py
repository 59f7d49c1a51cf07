"""What a list of measures is narrowed by."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.capacity.models import Measure
from catalog.cmdb.filters import of_item
from itsm.api.filters import Listed


class MeasureFilter(Listed):
    """`ci`: of one item; `text`: in the name of measure or item. Only living ones, unless `retired` is true."""

    ci = django_filters.CharFilter(method="of_item", label=_("Item"), max_length=20)
    text = django_filters.CharFilter(method="named", label=_("Text"), max_length=100)
    retired = django_filters.BooleanFilter(method="over")

    class Meta:
        model = Measure
        fields = ("ci", "text", "retired")

    def filter_queryset(self, queryset: QuerySet[Measure]) -> QuerySet[Measure]:
        found: QuerySet[Measure] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("retired") is not None else found.filter(retired_at=None)

    def of_item(self, measures: QuerySet[Measure], name: str, value: str) -> QuerySet[Measure]:
        return of_item(self, measures, name, value)

    def named(self, measures: QuerySet[Measure], name: str, value: str) -> QuerySet[Measure]:
        return measures.filter(Q(name__icontains=value) | Q(ci__name__icontains=value))

    def over(self, measures: QuerySet[Measure], name: str, value: bool) -> QuerySet[Measure]:
        return measures.filter(retired_at__isnull=not value)
