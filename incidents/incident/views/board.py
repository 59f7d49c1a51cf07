"""The board: what the queue's filter leaves, by state, person, priority or queue; a column a page of its own."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.incident import permissions, queries
from incidents.incident.filters import GROUPS, SORTS, Reading, narrowed, terms_of
from incidents.incident.models import Incident
from incidents.incident.views.queue import terms_sent
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import OPEN, WORKFLOW, Status
from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import User
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.ui.paging import Page, counts_at_most, paged

CARDS = 25
_MOST_COLUMNS = 12
_MOST_COUNTED = 99
_NOT_TERMS = {"group_by", "whose", "column", "after", "before"}
Incidents = QuerySet[Incident]


class Column(NamedTuple):
    """`key`: what a card takes on when it is moved here. `holds`: which rows lie in it."""

    key: str
    label: str | Promise
    holds: Q


def step_between(state: str, target: str) -> str | None:
    """The step that moves a card: the first row of the workflow that leads from one state to the other."""
    steps = (one for one in WORKFLOW.steps.values() if one.target == target and state in one.sources)
    return next((one.action for one in steps if state != target and one.action not in {"merge", "split"}), None)


def _states(actor: Actor) -> list[Column]:
    shown = (Status.NEW, Status.IN_PROGRESS, Status.ON_HOLD, Status.RESOLVED)
    return [Column(state.value, state.label, Q(status=state)) for state in shown]


def _priorities(actor: Actor) -> list[Column]:
    return [Column(str(value), label, Q(status__in=OPEN, priority=value)) for value, label in Priority.choices]


def _teams(actor: Actor) -> list[Column]:
    """The queues that one works in; of who works in none, those that one may open records in."""
    mine, known = rights_in_queues(actor).change, queries.queues_for(actor)
    teams = list((known.filter(pk__in=mine) if mine else known)[:_MOST_COLUMNS])
    return [Column(str(team.pk), team.name, Q(status__in=OPEN, team=team.pk)) for team in teams]


def _people(actor: Actor) -> list[Column]:
    """Nobody, oneself, and who is in the teams that one is in."""
    others = (
        User.objects.filter(memberships__team__in=actor.teams, is_active=True)
        .exclude(pk=actor.whose_work or 0)
        .distinct()
    )
    own = User.objects.filter(pk=actor.whose_work or 0)
    people = [*own, *others.order_by("name", "username")[: _MOST_COLUMNS - 2]]
    nobody = Column("", _("Nobody"), Q(status__in=OPEN, assigned_to=None))
    return [nobody, *(Column(str(one.pk), str(one), Q(status__in=OPEN, assigned_to=one.pk)) for one in people)]


COLUMNS: Mapping[str, Callable[[Actor], list[Column]]] = {
    "state": _states, "assigned": _people, "priority": _priorities, "team": _teams,
}  # fmt: skip
WHOSE: Mapping[str, tuple[str | Promise, tuple[tuple[str, str], ...]]] = {
    "team": (_("My queues"), (("team", "my-teams"),)),
    "mine": (_("Mine"), (("assigned", "me"),)),
    "all": (_("All"), ()),
}


@login_required
def board(request: HttpRequest) -> HttpResponse:
    """The whole board; with `column`, more cards of one."""
    actor = actor_permitted(request, permissions.staff, gettext("The board is for people who work here."))
    by = request.GET.get("group_by", "state")
    by = by if by in COLUMNS else "state"
    whose = request.GET.get("whose", "team" if rights_in_queues(actor).change else "all")
    whose = whose if whose in WHOSE else "all"
    rows: Incidents = Incident.objects.none()
    wrong = ""
    try:
        rows = _narrowed(request, actor, whose)
    except InvalidInput as refusal:
        wrong = refusal.detail
    columns = COLUMNS[by](actor)
    context = {"by": by, "may_work": permissions.responders(actor), "soon": queries.soon(), "columns": columns}
    if "column" in request.GET:
        one = next((column for column in columns if column.key == request.GET["column"]), columns[0])
        context |= {"column": one, "page": _page(one, rows, request)}
        return render(request, "incidents/incident/partials/cards.html", context)
    counts = counts_at_most({one.key: rows.filter(one.holds) for one in columns}, _MOST_COUNTED)
    context |= {
        "filled": [(one, counts[one.key], _page(one, rows, None)) for one in columns],
        "groups": GROUPS.items(),
        "whose": whose,
        "choices": [(key, label) for key, (label, _terms) in WHOSE.items()],
        "wrong": wrong,
    }
    return render(request, "incidents/incident/board.html", context, status=400 if wrong else 200)


def _narrowed(request: HttpRequest, actor: Actor, whose: str) -> Incidents:
    """What the address asks for, in the words of the list's filter. Raises InvalidInput."""
    pairs = [*WHOSE[whose][1], *terms_sent(request, _NOT_TERMS)]
    return narrowed(queries.for_list(actor), terms_of(pairs), Reading.by(actor))


def _page(column: Column, rows: Incidents, request: HttpRequest | None) -> Page:
    """Due first; what is over by when it was last worked on."""
    order = SORTS["updated" if column.key == Status.RESOLVED else "due"]
    return paged(rows.filter(column.holds), request.GET if request else {}, order, CARDS)
