"""Rounds: the list, planning one, and answering at the keyboard, an item at a time."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from catalog.cmdb.queries.fields import read_fields_of
from catalog.cmdb.views.reading import reader
from catalog.health import operations, permissions
from catalog.health.forms import RoundForm
from catalog.health.models import Round
from catalog.health.queries.rounds import asked_of, lines_of, progress, visible_rounds
from catalog.health.vocabulary import Answer, RoundState
from catalog.health.workflow import WORKFLOW
from itsm.fields.facts import rows_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged
from itsm.ui.steps import offered, step_page

KEYS = (
    (Answer.CONFIRMED, "c"), (Answer.CORRECTED, "f"), (Answer.GONE, "d"), (Answer.NOT_OURS, "x"),
)  # fmt: skip


def _find(actor: Actor, reference: str) -> Round:
    return get_object_or_404(visible_rounds(actor), pk=int(reference))


step = step_page(WORKFLOW, _find)


@login_required
def rounds(request: HttpRequest) -> HttpResponse:
    actor = reader(request)
    page = paged(visible_rounds(actor), request.GET)
    lines = [{"round": one, "progress": progress(lines_of(one, actor))} for one in page.rows]
    context = {"page": page, "lines": lines, "may_ask": permissions.round_keepers(actor)}
    return render(request, "catalog/health/rounds.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = reader(request)
    if not permissions.round_keepers(actor):
        raise NotPermitted(gettext("Service owners and change managers ask for items."))
    sent = posted(request)
    form = RoundForm(sent, initial={"ci_class": request.GET.get("class"), "team": request.GET.get("team")})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.plan_round(actor=actor, at=timezone.now(), **form.cleaned_data)
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "catalog/health/new_round.html", {"form": form}, status=status)


@login_required
def round(request: HttpRequest, reference: str) -> HttpResponse:
    """How far it is, and the next item that waits for this person: four keys answer it. `after`: skips up to a line."""
    actor = reader(request)
    found = _find(actor, reference)
    lines = lines_of(found, actor)
    mine = asked_of(actor, lines) if permissions.answerers(actor) else lines.none()
    after = request.GET.get("after", "")
    waiting = mine.filter(waits=True) if found.status == RoundState.OPEN else mine.none()
    one = waiting.filter(pk__gt=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0).first()
    context = {
        "round": found, "progress": progress(lines), "mine": progress(mine), "line": one,
        "facts": _facts(one.ci, actor) if one else [],
        "keys": [(value, value.label, key) for value, key in KEYS],
        "steps": offered(found, actor, "health:step"), "answered": list(lines.exclude(answer="").order_by("-at")[:20]),
    }  # fmt: skip
    return render(request, "catalog/health/round.html", context)


def _facts(item: Any, actor: Actor) -> list[Any]:
    read_fields_of(item.ci_class, actor)
    return list(rows_of(item.ci_class.owner, item.attributes, actor, works_here=True))


@login_required
@require_POST
def answer(request: HttpRequest, reference: str, line: str) -> HttpResponse:
    """What this person says of one item, then the next."""
    actor = reader(request)
    found = _find(actor, reference)
    row = get_object_or_404(lines_of(found, actor).select_related("round", "ci__ci_class", "ci__team"), pk=int(line))
    try:
        operations.answer(
            row, request.POST.get("answer", ""), actor=actor, seen=request.POST.get("content", ""), at=timezone.now()
        )
    except Conflict as refused:
        messages.warning(request, refused.detail)
    return redirect_after_write(request, found.get_absolute_url())


@login_required
@require_POST
def confirm_offered(request: HttpRequest, reference: str) -> HttpResponse:
    """All that is offered as confirmed and is this person's to say."""
    actor = reader(request)
    found = _find(actor, reference)
    n = operations.confirm_offered(found, actor=actor, at=timezone.now())
    messages.success(request, ngettext("%(n)d item confirmed.", "%(n)d items confirmed.", n) % {"n": n})
    return redirect_after_write(request, found.get_absolute_url())
