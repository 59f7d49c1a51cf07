"""Overrides, swaps and time off as pages."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import User
from itsm.accounts.queues import members_of
from itsm.kernel.actors import Actor
from itsm.oncall import operations, permissions, queries
from itsm.oncall.engine.values import Shift
from itsm.oncall.forms import OverrideForm, SwapForm, TimeOffForm
from itsm.oncall.models import Schedule
from itsm.oncall.queries import otherwise
from itsm.oncall.queries.duty import names_of
from itsm.oncall.queries.turns_ahead import cover
from itsm.oncall.views.reading import reader, worked_in
from itsm.oncall.views.showing import mine_page
from itsm.oncall.workflow import WORKFLOW
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted
from itsm.ui.steps import step_page

swap_step = step_page(WORKFLOW, otherwise.swap_called)


@login_required
def override(request: HttpRequest, slug: str) -> HttpResponse:
    """Who has it instead. `?from=&to=`: a gap; who could cover it stands first."""
    actor, found = worked_in(request, slug)
    begin, end = _instant(request.GET.get("from", "")), _instant(request.GET.get("to", ""))
    free = cover(found, begin, end) if begin is not None and end is not None and begin < end else []
    now = timezone.now().replace(second=0, microsecond=0)
    begun = {"starts_at": begin or now, "ends_at": end or now + timedelta(hours=8)}
    form = OverrideForm(_people(found, free), posted(request), initial=begun)
    if request.method == "GET":
        del form.fields["although_away"]  # asked where somebody is
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = {**form.cleaned_data, "people": list(form.cleaned_data["people"])}
            operations.override(found, actor=actor, at=timezone.now(), **said)
            messages.success(request, _("It holds; who has it was told."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    context = {"schedule": found, "form": form, "free": free, "here": "now", "is_gap": bool(free)}
    return render(request, "oncall/override.html", context, status=status)


def _people(found: Schedule, free: list[User]) -> Any:
    """Of the team and of who takes turns; who is free then first."""
    known = set(members_of(found.team_id).values_list("pk", flat=True))
    known |= {person for layer in operations.said_now(found, timezone.now()) for slot in layer.slots for person in slot}
    first = Case(When(pk__in=[one.pk for one in free], then=Value(0)), default=Value(1), output_field=IntegerField())
    people = User.objects.active_people().filter(pk__in=known)
    return people.annotate(first=first).order_by("first", "name", "username")


def _instant(text: str) -> datetime | None:
    try:
        read = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None and 1990 < read.year < 2100 else None


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    actor = reader(request)
    made = get_object_or_404(otherwise.overrides(actor), pk=pk)
    operations.withdraw_override(made, actor=actor, version=version_posted(request), at=timezone.now())
    messages.success(request, _("Withdrawn: the layers say again who has it."))
    return redirect_after_write(request, made.schedule.get_absolute_url())


@login_required
def swap(request: HttpRequest, slug: str, layer: str, turn: str) -> HttpResponse:
    """Ask for a swap of one's turn; or take somebody's at once."""
    actor, found = worked_in(request, slug)
    line, number = int(layer), int(turn)
    shift = _shift(found, line, number)
    theirs = names_of(set(shift.people))
    out = theirs.get(actor.id or 0) or next(iter(theirs.values()), None)
    if out is None:
        raise Http404
    takes = out.pk != actor.id
    form = SwapForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            into = User.objects.get(pk=actor.account_id) if takes else None
            operations.ask_swap(
                found, actor=actor, layer=line, turn=number, at=timezone.now(), out=out, into=into, **form.cleaned_data
            )
            messages.success(request, _("It is yours.") if takes else _("Your team was asked."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    context = {"schedule": found, "form": form, "shift": shift, "out": out, "takes": takes, "here": "now"}
    return render(request, "oncall/swap.html", context, status=status)


def _shift(found: Schedule, layer: int, turn: int) -> Shift:
    """The turn as the final schedule of the next year has it; Http404 where there is none."""
    at = timezone.now()
    shifts = queries.final_shifts(found, at, at.replace(year=at.year + 1, day=min(at.day, 28)))
    of_turn = [one for one in shifts if one.line == layer and one.turn == turn and one.people]
    if not of_turn:
        raise Http404
    first, last = of_turn[0], of_turn[-1]
    return Shift(first.start, last.end, first.people, first.source, layer, turn)


@login_required
@require_POST
def time_off(request: HttpRequest) -> HttpResponse:
    """The reader is away."""
    actor = _writer(request)
    form, status = TimeOffForm(request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            person = User.objects.get(pk=actor.account_id)
            operations.take_time_off(person, actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Noted. Your turns fall to the layer below; teams hear of gaps."))
            return redirect_after_write(request, reverse("oncall:mine"))
        status = refused.status
    return mine_page(request, actor, {"off_form": form}, status)


@login_required
@require_POST
def cancel_off(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _writer(request)
    off = get_object_or_404(otherwise.time_off(actor), pk=pk)
    operations.cancel_time_off(off, actor=actor, version=version_posted(request), at=timezone.now())
    messages.success(request, _("You are there after all."))
    return redirect_after_write(request, reverse("oncall:mine"))


def _writer(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.contributors, _("Who only reads takes no turns."))
