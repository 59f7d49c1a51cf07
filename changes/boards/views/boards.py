"""Boards: which there are, who sits in them, what waits for them, when they meet."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.services.queries import visible_services
from changes.boards import permissions
from changes.boards.forms import BoardForm, MeetingForm
from changes.boards.models import Board
from changes.boards.operations import keeping, meetings
from changes.boards.queries import pages
from changes.change.vocabulary import ChangeClass
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, version_posted


def reader(request: HttpRequest) -> Actor:
    """Who may read of boards; NotPermitted for the others."""
    return actor_permitted(request, permissions.readers, _("Boards are for people who work here."))


@login_required
def boards(request: HttpRequest) -> HttpResponse:
    """All of them; change managers found new ones."""
    actor = reader(request)
    may_keep = permissions.board_keepers(actor)
    if request.method == "POST" and not may_keep:
        raise NotPermitted(_("Change managers found boards and say who sits in them."))
    form = BoardForm(visible_services(actor), posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = keeping.found_board(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("%(board)s is founded; changes in its scope are put to it.") % {"board": made})
            return redirect(made.get_absolute_url())
        status = refused.status
    context = {"rows": pages.board_rows(), "form": form, "may_keep": may_keep}
    return render(request, "changes/boards/boards.html", context, status=status)


@login_required
@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """One board: what waits for it, its people, its meetings."""
    actor = reader(request)
    return _page(request, pages.board_called(slug), actor, MeetingForm())


def _page(request: HttpRequest, found: Board, actor: Actor, form: MeetingForm, *, status: int = 200) -> HttpResponse:
    context = {
        "board": found,
        "waiting": pages.waiting_for(found),
        "meetings": pages.meetings_of(found),
        "form": form,
        "kinds": [ChangeClass(one).label for one in found.classes],
        "may_keep": permissions.board_keepers(actor),
        "may_plan": meetings.may_plan(found, actor),
        "services": visible_services(actor).filter(pk__in=found.services.values("pk")).order_by("slug"),
    }
    return render(request, "changes/boards/board.html", context, status=status)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a board."""
    actor = actor_permitted(
        request, permissions.board_keepers, _("Change managers found boards and say who sits in them.")
    )
    found = pages.board_called(slug)
    form = BoardForm(visible_services(actor), posted(request), initial=BoardForm.initial_of(found))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            keeping.edit_board(
                found, actor=actor, version=version_posted(request), at=timezone.now(), **form.cleaned_data
            )
            messages.success(request, _("Saved."))
            return redirect(found.get_absolute_url())
        status = refused.status
    return render(request, "changes/boards/edit.html", {"form": form, "board": found}, status=status)


@login_required
@require_POST
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Plan a meeting of the board."""
    actor = reader(request)
    found = pages.board_called(slug)
    if not meetings.may_plan(found, actor):
        raise NotPermitted(_("The chair of a board, or a change manager, plans its meetings."))
    form = MeetingForm(request.POST)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            made = meetings.plan_meeting(found, actor=actor, at=timezone.now(), **form.cleaned_data)
            return redirect(made.get_absolute_url())
        status = refused.status
    return _page(request, found, actor, form, status=status)
