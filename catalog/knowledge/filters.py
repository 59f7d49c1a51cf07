"""What lists of articles are narrowed by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.knowledge.models import Article
from catalog.knowledge.queries import overdue
from catalog.knowledge.vocabulary import Status
from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_of
from itsm.accounts.permissions import staff
from itsm.api.filters import Listed, refuse_unknown


class ArticleFilter(Listed):
    """`overdue`: live ones whose day for another look is over. `live`: whether readers get one of its versions.

    Requesters narrow by `service` alone: the rest would tell them by what is found what no field tells them.
    """

    status = django_filters.ChoiceFilter(choices=Status.choices, label=_("State"), empty_label=_("Any state"))
    service = django_filters.CharFilter(method="of_service", label=_("Service"), max_length=63)
    team = django_filters.CharFilter(field_name="team__slug", label=_("Team"), max_length=63)
    live = django_filters.BooleanFilter(field_name="live", lookup_expr="isnull", exclude=True, label=_("Live"))
    overdue = django_filters.BooleanFilter(method="that_are_overdue", label=_("Overdue"))

    class Meta:
        model = Article
        fields = ("status", "service", "team", "live", "overdue")

    def filter_queryset(self, queryset: Any) -> Any:
        """What requesters may not ask is unknown to them. Raises ValidationError."""
        if self.request is not None and not staff(actor_of(self.request)):
            refuse_unknown(self.data, ["service"])
        return super().filter_queryset(queryset)

    def of_service(self, articles: QuerySet[Article], name: str, value: str) -> QuerySet[Article]:
        """Of a service that the reader may see: of any other none."""
        seen = visible_services(actor_of(self.request)).order_by().filter(slug=value)
        return articles.filter(service__in=seen.values("pk"))

    def that_are_overdue(self, articles: QuerySet[Article], name: str, value: bool) -> QuerySet[Article]:
        """Without them where `value` is false."""
        late = overdue(timezone.localdate())
        return articles.filter(late) if value else articles.exclude(Q(late))
