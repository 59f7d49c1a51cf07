"""Query parameters: the listed ones, and a clear refusal of all others."""

from collections.abc import Collection
from typing import Any

import django_filters
from rest_framework.exceptions import ValidationError

_PAGING = {"cursor", "page_size", "format"}


class Listed(django_filters.FilterSet):
    """A filter set that refuses unknown parameters on the API: a misspelt filter must not return everything."""

    def filter_queryset(self, queryset: Any) -> Any:
        if self.request is not None and self.request.path.startswith("/api/"):
            refuse_unknown(self.data, self.filters)
        return super().filter_queryset(queryset)


def refuse_unknown(sent: Collection[str], known: Collection[str]) -> None:
    """Raise ValidationError naming what is no filter here."""
    unknown = sorted(set(sent) - set(known) - _PAGING)
    if unknown:
        words = f"known are {', '.join(sorted(known))}" if known else "this list has none"
        raise ValidationError({name[:80]: [f"Unknown filter; {words}."] for name in unknown[:20]})
