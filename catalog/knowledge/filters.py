"""What lists of articles are narrowed by."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.knowledge.models import Article
from catalog.knowledge.queries import overdue
from catalog.knowledge.vocabulary import Status
from itsm.api.filters import Listed


class ArticleFilter(Listed):
    """`overdue`: live ones whose day for another look is over. `live`: whether readers get one of its versions."""

    status = django_filters.ChoiceFilter(choices=Status.choices, label=_("State"), empty_label=_("Any state"))
    service = django_filters.CharFilter(field_name="service__slug", label=_("Service"), max_length=63)
    team = django_filters.CharFilter(field_name="team__slug", label=_("Team"), max_length=63)
    live = django_filters.BooleanFilter(field_name="live", lookup_expr="isnull", exclude=True, label=_("Live"))
    overdue = django_filters.BooleanFilter(method="that_are_overdue", label=_("Overdue"))

    class Meta:
        model = Article
        fields = ("status", "service", "team", "live", "overdue")

    def that_are_overdue(self, articles: QuerySet[Article], name: str, value: bool) -> QuerySet[Article]:
        """Without them where `value` is false."""
        late = overdue(timezone.localdate())
        return articles.filter(late) if value else articles.exclude(Q(late))
