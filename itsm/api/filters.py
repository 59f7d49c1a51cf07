"""Query parameters: the listed ones, and a clear refusal of all others."""

from typing import Any

import django_filters
from rest_framework.exceptions import ValidationError

_PAGING = {"cursor", "page_size", "format"}


class Listed(django_filters.FilterSet):
    """A filter set that refuses unknown parameters on the API: a misspelt filter must not return everything."""

    def filter_queryset(self, queryset: Any) -> Any:
        unknown = sorted(set(self.data) - set(self.filters) - _PAGING)
        if unknown and self.request is not None and self.request.path.startswith("/api/"):
            known = ", ".join(sorted(self.filters))
            raise ValidationError({name[:80]: [f"Unknown filter; known are {known}."] for name in unknown[:20]})
        return super().filter_queryset(queryset)
