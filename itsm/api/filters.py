"""Query parameters: the listed ones, and a clear refusal of all others."""

from collections.abc import Collection
from typing import Any

import django_filters
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from itsm.api.nearest import did_you_mean

FORMAT = {"format"}
PAGING = {"cursor", "page_size"} | FORMAT


class Listed(django_filters.FilterSet):
    """A filter set that refuses unknown parameters on the API: a misspelt filter must not return everything."""

    def filter_queryset(self, queryset: Any) -> Any:
        if self.request is not None and self.request.path.startswith("/api/"):
            refuse_unknown(self.data, self.filters)
            self._refuse_unreadable()
        return super().filter_queryset(queryset)

    def refuse(self, name: str, words: str) -> None:
        """Of a value that can mean nothing: a program is told so (400), a page finds nothing. Raises ValidationError
        on the API."""
        if self.request is not None and self.request.path.startswith("/api/"):
            raise ValidationError({name: [words]})

    def _refuse_unreadable(self) -> None:
        """Forms take much for "no filter"; a program that sends what is no value would get everything."""
        for name, sent in self.data.items():
            one = self.filters.get(name)
            if isinstance(one, django_filters.BooleanFilter) and sent not in {"true", "false"}:
                raise ValidationError({name: [_("Send true or false.")]})
            if isinstance(one, django_filters.ChoiceFilter) and sent == "":
                raise ValidationError({name: [_("Send a value, or leave it out.")]})


def refuse_unknown(sent: QueryDict, known: Collection[str], *, whole: bool = False) -> None:
    """Raise ValidationError naming what is no filter here, and what is said twice. `whole`: the answer has no pages."""
    unknown = sorted(set(sent) - set(known) - (FORMAT if whole else PAGING))
    if unknown:
        listed = sorted(known)
        words = _("Known are %(known)s.") % {"known": ", ".join(listed)} if listed else _("This list has none.")
        raise ValidationError(
            {name[:80]: [f"{_('Unknown filter.')}{did_you_mean(name, listed)} {words}"] for name in unknown[:20]}
        )
    if twice := [name for name, values in sent.lists() if len(values) > 1]:
        raise ValidationError({name: [_("Send it once.")] for name in twice})
