"""Pages of teams: the list, the record, who belongs to it, merging and retiring."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts import operations, permissions, team_references
from itsm.accounts.models import Team, User
from itsm.accounts.queries import listing
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.people.filters import TeamFilter
from itsm.people.forms.teams import MemberForm, MergeForm, NewTeamForm, TeamForm
from itsm.people.views.people import colleague_of, keeper_of, tabs
from itsm.people.views.queues import queue_of
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import at_most, paged

_ORDER = ("name", "id")


@login_required
def teams(request: HttpRequest) -> HttpResponse:
    """Standing teams, unless retired ones are asked for."""
    actor = colleague_of(request)
    given = request.GET.copy()
    given.setdefault("retired", "false")
    chosen = TeamFilter(given, queryset=listing.teams(actor), request=request)
    context = {
        "filter": chosen,
        "page": paged(chosen.qs, request.GET, _ORDER),
        "count": at_most(chosen.qs),
        "retired": given["retired"] == "true",
        "is_filtered": bool(request.GET.get("text")),
        **tabs(actor, "teams"),
    }
    return render(request, "people/teams.html", context)


def _found(actor: Actor, slug: str) -> Team:
    return get_object_or_404(listing.teams(actor), slug=slug)


@login_required
def team(request: HttpRequest, slug: str) -> HttpResponse:
    actor = colleague_of(request)
    return _record(request, actor, _found(actor, slug))


def _record(request: HttpRequest, actor: Actor, found: Team, status: int = 200, **forms: BaseForm) -> HttpResponse:
    keeps = permissions.people_keepers(actor)
    context: dict[str, Any] = {
        "team": found,
        "keeps": keeps,
        "duties": team_references.referring_to(found),
        "events": activity(found, timeline(found), []),
        "team_form": TeamForm(initial={"name": found.name, "version": found.version}),
        "member_form": MemberForm(team=found),
        "merge_form": MergeForm(team=found),
        **queue_of(found, actor),
        **forms,
    }
    return render(request, "people/team.html", context, status=status)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = keeper_of(request)
    form = NewTeamForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            return redirect_after_write(
                request, operations.add_team(actor=actor, **form.cleaned_data).get_absolute_url()
            )
        status = refused.status
    return render(request, "people/team_form.html", {"form": form}, status=status)


@login_required
@require_POST
def rename(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper_of(request)
    found, form, status = _found(actor, slug), TeamForm(request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_team(found, actor=actor, **form.cleaned_data)
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return _record(request, actor, found, status, team_form=form)


@login_required
@require_POST
def add_member(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper_of(request)
    found, status = _found(actor, slug), 422
    form = MemberForm(request.POST, team=found)
    if form.is_valid():
        with form_errors_from(form) as refused:
            said = form.cleaned_data
            operations.set_member(found, said["person"], actor=actor, lead=said["lead"])
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return _record(request, actor, found, status, member_form=form)


@login_required
@require_POST
def change_member(request: HttpRequest, slug: str, login: str, action: str) -> HttpResponse:
    """Make somebody a lead, or no longer; or take them out."""
    actor = keeper_of(request)
    found = _found(actor, slug)
    one = get_object_or_404(User, username__iexact=login, memberships__team=found)
    if action == "remove":
        operations.remove_member(found, one, actor=actor)
    else:
        operations.set_member(found, one, actor=actor, lead=action == "lead")
    return redirect_after_write(request, found.get_absolute_url())


@login_required
@require_POST
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper_of(request)
    found, status = _found(actor, slug), 422
    form = MergeForm(request.POST, team=found)
    if form.is_valid():
        with form_errors_from(form) as refused:
            into = form.cleaned_data["into"]
            operations.merge_teams(found, into=into, actor=actor)
            messages.success(request, _("%(team)s is part of %(into)s now.") % {"team": found, "into": into})
            return redirect_after_write(request, into.get_absolute_url())
        status = refused.status
    return _record(request, actor, found, status, merge_form=form)


@login_required
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper_of(request)
    found = operations.retire_team(_found(actor, slug), actor=actor)
    messages.success(request, _("%(team)s is retired: it takes nothing new.") % {"team": found})
    return redirect_after_write(request, reverse("accounts:team", args=[found.slug]))


@login_required
@require_POST
def revive(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper_of(request)
    found = operations.revive_team(_found(actor, slug), actor=actor)
    return redirect_after_write(request, reverse("accounts:team", args=[found.slug]))
