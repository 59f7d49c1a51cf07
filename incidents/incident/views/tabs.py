"""The tabs of the queue: by whose turn it is; how many wait behind each, and their first pages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.incident import queries
from incidents.incident.filters import SORTS
from incidents.incident.models import Incident
from incidents.incident.workflow import OPEN
from itsm.accounts.queues import Asker, rights_in_queues
from itsm.composed import NOW, Composed, composed
from itsm.kernel.actors import Actor
from itsm.ui.paging import SIZE, Counted

Incidents = QuerySet[Incident]
MOST_COUNTED = 99
MINE = ("incidents", "mine")  # in an actor's memo
IS_OPEN = ("state", "open")
_MY_TEAMS = ("team", "my-teams")


class Tab(NamedTuple):
    """`choose`: its rows of those that the actor may see, as of an instant or of one that the
    database tells."""

    key: str
    label: str | Promise
    choose: Callable[[Incidents, Actor, Any], Incidents]
    sort: str = "due"
    counted: bool = True
    for_requesters: bool = False
    terms: tuple[tuple[str, str], ...] = ()  # the same in words of the grammar
    about: str | Promise = ""  # said on hover
    of_own_queues: bool = False  # stands under "My queues"


class Drawn(NamedTuple):
    """A tab as somebody sees it on a page, in plain values: the row of tabs is kept by them (`{% kept %}`)."""

    label: str
    about: str
    of_own_queues: bool
    waiting: str
    current: bool
    address: str


def _open(rows: Incidents, actor: Actor, at: Any) -> Incidents:
    return rows.filter(status__in=OPEN)


def _all(rows: Incidents, actor: Actor, at: Any) -> Incidents:
    return rows


def _mine(rows: Incidents, actor: Actor, at: Any) -> Incidents:
    return rows.filter(status__in=OPEN, assigned_to=actor.whose_work)


def _team(rows: Incidents, actor: Actor, at: Any) -> Incidents:
    """What lies in the queues that the actor may change."""
    return rows.filter(status__in=OPEN, team__in=sorted(rights_in_queues(actor).change))


def _unassigned(rows: Incidents, actor: Actor, at: Any) -> Incidents:
    return _team(rows, actor, at).filter(assigned_to=None)


def _breaching(rows: Incidents, actor: Actor, at: Any) -> Incidents:
    """Due within the hour, or over it."""
    return _team(rows, actor, at).filter(next_due__lt=at + queries.SOON)


TABS = (
    Tab("open", _("Open"), _open, for_requesters=True, terms=(IS_OPEN,)),
    Tab("mine", _("Mine"), _mine, terms=(IS_OPEN, ("assigned", "me")), about=_("Open and assigned to you")),
    Tab(
        "team", _("Team"), _team, terms=(IS_OPEN, _MY_TEAMS),
        about=_("Open in the queues that you work in"), of_own_queues=True,
    ),
    Tab(
        "unassigned", _("Unassigned"), _unassigned, terms=(IS_OPEN, _MY_TEAMS, ("assigned", "none")),
        about=_("Open in the queues that you work in, and nobody has it"), of_own_queues=True,
    ),
    Tab(
        "breaching", _("Breaching"), _breaching, terms=(IS_OPEN, _MY_TEAMS, ("due", "..+1h")),
        about=_("In the queues that you work in: due within the hour, or over it"), of_own_queues=True,
    ),
    Tab("all", _("All"), _all, sort="newest", counted=False, for_requesters=True),
)  # fmt: skip
_BY_KEY: Mapping[str, Tab] = {tab.key: tab for tab in TABS}


def drawn(tabs: Sequence[Tab], here: Tab | None, counts: Mapping[str, Counted], params: QueryDict) -> tuple[Drawn, ...]:
    """The tabs with how many wait behind each; each leads to this list as it is narrowed now, to its first page."""
    there, found = params.copy(), []
    for gone in ("after", "before", "view"):
        there.pop(gone, None)
    for tab in tabs:
        there["tab"] = tab.key
        waiting = str(counts.get(tab.key, ""))
        address = f"?{there.urlencode()}"
        found.append(Drawn(str(tab.label), str(tab.about), tab.of_own_queues, waiting, tab is here, address))
    return tuple(found)


def counted(tab: Tab, actor: Actor) -> Composed[Any]:
    """For `counts_at_most`: what lies behind a tab."""
    return _counted(tab.key, Asker.of(actor))


@composed
def _counted(key: str, asker: Asker) -> QuerySet[Any, Any]:
    """By the database's clock and without what says nothing (who may change a queue sees it), so that the plan for
    whoever asks is as good as one for this reader: else it is made anew each time, which takes longer than counting."""
    actor, tab = asker.actor, _BY_KEY[key]
    seen = Incident.objects.all() if tab.of_own_queues else Incident.objects.visible_to(actor)
    return tab.choose(seen, actor, Now()).order_by().values("pk")[: MOST_COUNTED + 1]


def first_page(tab: Tab, sort: str, reads: tuple[str, ...], actor: Actor) -> Composed[Incident]:
    """What a tab shows first in this order, to somebody who works here and narrows it by nothing; a row more tells that
    there are more."""
    return _first_page(tab.key, sort, reads, Asker.of(actor))


@composed
def _first_page(key: str, sort: str, reads: tuple[str, ...], asker: Asker) -> QuerySet[Incident]:
    actor = asker.actor
    return _BY_KEY[key].choose(queries.for_list(actor, reads), actor, NOW).order_by(*SORTS[sort])[: SIZE + 1]


def mine_count(actor: Actor) -> int | Composed[Any]:
    """For the navigation: what is assigned to this person and still open."""
    if actor.memo is not None and MINE in actor.memo:
        return int(actor.memo[MINE])
    return counted(_BY_KEY["mine"], actor)
