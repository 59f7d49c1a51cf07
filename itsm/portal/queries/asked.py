"""What somebody asked for from the catalog, as they read it."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.requests import queries as requests
from catalog.requests.vocabulary import REOPENS_WITHIN
from catalog.requests.workflow import OPEN, ItemStatus, Status
from itsm.kernel.actors import Actor
from itsm.portal.queries.lines import Line

if TYPE_CHECKING:
    from catalog.models import Request

DATED = "submitted_at"
STILL_OPEN = Q(status__in=OPEN)
_WORDS: dict[str, tuple[Any, str]] = {
    Status.DRAFT: (_("Draft"), "grey"),
    Status.APPROVING: (_("Waits for approval"), "amber"),
    Status.FULFILLING: (_("Being worked on"), "blue"),
    Status.DONE: (_("Done"), "green"),
    Status.DECLINED: (_("Declined"), "red"),
    Status.CANCELLED: (_("Cancelled"), "grey"),
}


def waits_for_me(at: datetime) -> Q:
    """A question of the desk is open, or it was done lately and nobody said yet that it works."""
    return Q(status__in=OPEN, items__status=ItemStatus.WAITING) | _unconfirmed(at)


def open_for_me(at: datetime) -> Q:
    """It is not over; or it was done lately and nobody said yet that it works: that is still asked of them."""
    return STILL_OPEN | _unconfirmed(at)


def _unconfirmed(at: datetime) -> Q:
    return Q(status=Status.DONE, confirmed_at=None, closed_at__gt=at - REOPENS_WITHIN)


def own(actor: Actor) -> "QuerySet[Request]":
    """Those that are for them, or that they asked for."""
    return requests.listed(actor).filter(_mine(actor)) if actor.id is not None else requests.listed(actor).none()


def followed(actor: Actor) -> "QuerySet[Request]":
    """Those of others that were shared with them."""
    return requests.listed(actor).exclude(_mine(actor))


def lines(rows: "Iterable[Request]", at: datetime) -> list[Line]:
    """In the words of who asks. One query for the items of all of them."""
    found = requests.list_rows(list(rows))
    return [_line(one.request, {item.status for item in one.items}, at) for one in found]


def in_words(request: "Request") -> tuple[str, str]:
    """How it stands, for others than whose it is: words and tone."""
    words, tone = _WORDS[request.status]
    return str(words), tone


def _mine(actor: Actor) -> Q:
    return Q(by=actor.id) | Q(requested_for=actor.id)


def _line(request: "Request", items: set[str], at: datetime) -> Line:
    words, tone = _WORDS[request.status]
    wanted: Any = ""
    if request.is_open and ItemStatus.WAITING in items:
        words, tone, wanted = _("Waits for you"), "amber", _("Answer the question")
    elif request.status == Status.DONE and request.confirmed_at is None and request.closed_at is not None:
        wanted = _("Say whether it works") if request.closed_at > at - REOPENS_WITHIN else ""
    return Line(
        request.reference, request.title, request.get_absolute_url(), str(words), tone,
        request.submitted_at, str(wanted),
    )  # fmt: skip
