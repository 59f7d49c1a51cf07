"""The filter by environment, which lists of several apps have."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.environments.models import MAX_LENGTH
from catalog.environments.queries import UnknownEnvironment, canonical


class EnvironmentFilter(django_filters.CharFilter):
    """By name or alias. An unknown word is refused over REST, and finds nothing on a page: never everything."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Environment"))
        super().__init__(max_length=MAX_LENGTH + 23, **options)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        try:
            found: QuerySet[Any] = super().filter(qs, canonical(value) if value else value)
        except UnknownEnvironment:
            request = self.parent.request
            if request is not None and request.path.startswith("/api/"):
                raise
            return qs.none()
        return found
