"""The list, connecting one, and the switch of all."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.accounts.step_up import ask_proof, prove
from itsm.agents import operations, permissions, queries, setups
from itsm.agents.capabilities import Capability
from itsm.agents.forms import AgentForm, OpenForm, ShutForm
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged

_USUAL = [Capability.GATE, Capability.DESK_READ, Capability.CATALOG_READ]


@login_required
def agents(request: HttpRequest) -> HttpResponse:
    actor = _reader(request)
    rows = queries.listed(actor, timezone.now())
    if request.GET.get("ended") != "1":
        rows = rows.alive()
    context = {
        "page": paged(rows, request.GET, ("-id",)),
        "sees_all": permissions.overseers(actor),
        "may_shut": permissions.door_keepers(actor),
        "shut": operations.is_door_shut(),
        "with_ended": request.GET.get("ended") == "1",
    }
    return render(request, "agents/list.html", context)


@login_required
def connect(request: HttpRequest) -> HttpResponse:
    """By the program itself, or by hand with a token."""
    actor = actor_permitted(request, permissions.people, _("Software agents are connected by people."))
    form = AgentForm(posted(request), initial={"capabilities": _USUAL})
    ask_proof(form, actor, required=False)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            with form_errors_from(form) as refused:
                by = prove(request, actor, form.cleaned_data)
                made = operations.connect(actor=by, at=timezone.now(), **form.cleaned_data)
                messages.success(request, _("It is there. Give it a token, and it can begin."))
                return redirect_after_write(request, made.get_absolute_url())
            status = refused.status
    context = {"form": form, "setups": setups.signed_in(), "shut": operations.is_door_shut()}
    return render(request, "agents/connect.html", context, status=status)


@login_required
def shut(request: HttpRequest) -> HttpResponse:
    actor, form, status = _keeper(request), ShutForm(posted(request)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            with form_errors_from(form) as refused:
                operations.stop_all(actor=actor, at=timezone.now(), **form.cleaned_data)
                messages.success(request, _("The door is shut for every software agent."))
                return redirect_after_write(request, reverse("agents:list"))
            status = refused.status
    return render(request, "agents/shut.html", {"form": form, "alive": queries.alive_count()}, status=status)


@login_required
def reopen(request: HttpRequest) -> HttpResponse:
    actor, form, status = _keeper(request), OpenForm(posted(request)), 200
    ask_proof(form, actor)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            with form_errors_from(form) as refused:
                by = prove(request, actor, form.cleaned_data)
                operations.resume_all(actor=by, at=timezone.now())
                messages.success(request, _("The door is open again."))
                return redirect_after_write(request, reverse("agents:list"))
            status = refused.status
    return render(request, "agents/open.html", {"form": form, "shut": operations.is_door_shut()}, status=status)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.readers, _("Software agents are shown to people."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.door_keepers, _("Administrators, people, shut and open the agents' door.")
    )
