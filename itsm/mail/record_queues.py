"""In which queues the records lie that mail went to: apps say it of their kinds of records in `AppConfig.ready()`.

A mail is read by who leads the team of its mailbox; once its record lies in a queue that is hidden from them, it is
that queue's.
"""

from collections.abc import Callable, Collection

from django.db.models import Q, QuerySet
from django.db.models.base import Model

Within = Callable[[Collection[int]], "QuerySet[Model]"]
_known: dict[str, Within] = {}


def register(kind: str, within: Within) -> None:
    """`within(teams)`: the records of this kind of which some part lies in a queue of one of these teams."""
    _known[kind] = within


def lie_in(teams: Collection[int]) -> Q:
    """Mail whose record lies in one of these queues, for a filter."""
    found = Q(pk__in=())
    for kind, within in _known.items():
        found |= Q(record_kind=kind, record_id__in=within(teams).order_by().values("pk"))
    return found
