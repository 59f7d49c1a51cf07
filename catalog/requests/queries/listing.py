"""Requests as lists show them: what is due first, with the items that the reader's queues hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from catalog.requests import permissions
from catalog.requests.models import Request, RequestItem, RequestQuerySet
from catalog.requests.workflow import IN_WORK
from itsm.accounts.queues import Asker
from itsm.composed import Composed, composed
from itsm.kernel.actors import Actor
from itsm.work.models import Task

BY_DUE = ("next_due", "id")
NEWEST = ("-id",)
_MOST = 100


def listed(actor: Actor) -> RequestQuerySet:
    """Those that the actor may see, with what their rows name."""
    return Request.objects.visible_to(actor).select_related("by", "requested_for")


@dataclass(frozen=True, slots=True)
class ListRow:
    """`items`: in order, at most all twenty; `over`: how many of them are."""

    request: Request
    items: Sequence[RequestItem]

    @property
    def over(self) -> int:
        """How many of its items are over."""
        return sum(not one.is_open for one in self.items)


def list_rows(requests: Sequence[Request]) -> list[ListRow]:
    """The rows of these requests, in their order. One query for any number."""
    found: dict[int, list[RequestItem]] = {one.pk: [] for one in requests}
    items = RequestItem.objects.filter(request__in=list(found)).select_related("team", "assigned_to")
    for item in items.order_by("request", "position"):
        found[item.request_id].append(item)
    return [ListRow(one, found[one.pk]) for one in requests]


def of_teams(rows: RequestQuerySet, teams: Sequence[int]) -> RequestQuerySet:
    """Those that lie in one of these queues."""
    return rows.filter(teams__overlap=list(teams))


def of_person(rows: RequestQuerySet, person_id: int | None) -> RequestQuerySet:
    """Those of which somebody was given an open item, or an open task."""
    tasks = Task.objects.filter(assigned_to=person_id, record_kind=RequestItem.kind, done_at=None)
    items = RequestItem.objects.filter(
        Q(assigned_to=person_id) | Q(pk__in=tasks.values("record_id")), status__in=IN_WORK
    )  # fmt: skip
    return rows.filter(pk__in=items.values("request"))


def waiting_for_us(actor: Actor) -> Composed[Any]:
    """The open items of the actor's queues that nobody has, for the navigation: no more than a hundred."""
    return _waiting(Asker.of(actor))


@composed
def _waiting(asker: Asker) -> QuerySet[Any, Any]:
    rows = RequestItem.objects.filter(status__in=IN_WORK, assigned_to=None)
    mine = sorted(asker.actor.teams) if permissions.fulfillers(asker.actor) else []
    return rows.filter(team__in=mine).order_by().values("pk")[:_MOST]
