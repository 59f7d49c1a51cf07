"""Queries that are answered and give no series: which, since when, and what often helps."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from slo.measuring.models import Indicator

# Prometheus 3 writes whole numbers of histograms as 1.0, so that a matcher le="1" finds nothing any more.
_WHOLE_BOUND = re.compile(r"""\ble\s*=\s*["']([0-9]+)["']""")


@dataclass(frozen=True, slots=True)
class SilentQuery:
    """`name` is the field (good_query and so on), `label` its word, `hint` a sentence or nothing."""

    name: str
    label: str
    text: str
    since: datetime
    hint: str


def silent_queries(indicator: Indicator) -> list[SilentQuery]:
    """In the order of the fields' names; empty while all give something."""
    return [
        SilentQuery(name, label_of(name), text := getattr(indicator, name), datetime.fromisoformat(since), _hint(text))
        for name, since in sorted(indicator.silent_queries.items())
    ]


def label_of(name: str) -> str:
    """What the query of this field counts, for people."""
    return {"good_query": _("good events"), "bad_query": _("bad events"), "total_query": _("all events")}.get(
        name, _("the value")
    )


def _hint(query: str) -> str:
    if bound := _WHOLE_BOUND.search(query):
        words = {"asked": bound[0], "bound": bound[1]}
        return _('It asks for %(asked)s; newer servers keep that as le="%(bound)s.0".') % words
    return ""
