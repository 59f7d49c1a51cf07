"""The queue on a team's page: what it takes, and rights beside its members'."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts import operations
from itsm.accounts.models import Grant, Team
from itsm.accounts.queries import listing
from itsm.accounts.queues import keeps_queue, leads
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.people.forms.teams import GrantForm, QueueForm
from itsm.people.views.people import colleague_of
from itsm.ui.htmx import form_errors_from, redirect_after_write


def queue_of(team: Team, actor: Actor, **forms_sent: Any) -> dict[str, Any]:
    """What the card of the queue shows; `keeps_queue`: whether this actor changes it."""
    initial = {
        name: getattr(team, name)
        for name in (
            "takes_work",
            "confidential",
            "tier",
            "close_after_days",
            "calendar",
            "shares_asks",
        )
    }
    form = forms_sent.setdefault("queue_form", QueueForm(initial={**initial, "version": team.version}))
    # Who keeps the queue without leading the team reads what a lead decides, and is not let run into a refusal.
    form.fields["shares_asks"].disabled = not team.shares_asks and not leads(actor, team)
    return {
        "keeps_queue": keeps_queue(actor, team) and team.retired_at is None,
        "grants": team.grants.select_related("user", "member_of", "team").order_by("right", "id"),
        "grant_form": GrantForm(team=team),
        **forms_sent,
    }


def _kept(request: HttpRequest, slug: str) -> tuple[Actor, Team]:
    actor = colleague_of(request)
    team = get_object_or_404(listing.teams(actor), slug=slug)
    if not keeps_queue(actor, team):
        raise NotPermitted(_("Administrators and the leads of %(team)s keep this queue.") % {"team": team.name})
    return actor, team


def _again(request: HttpRequest, actor: Actor, team: Team, status: int, **sent: Form) -> HttpResponse:
    context = {"team": team, **queue_of(team, actor, **sent)}
    return render(request, "people/queue.html", context, status=status)


@login_required
@require_POST
def edit_queue(request: HttpRequest, slug: str) -> HttpResponse:
    actor, team = _kept(request, slug)
    form, status = QueueForm(request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_queue(team, actor=actor, **form.cleaned_data)
            return redirect_after_write(request, f"{team.get_absolute_url()}#queue")
        status = refused.status
    return _again(request, actor, team, status, queue_form=form)


@login_required
@require_POST
def make_triage(request: HttpRequest, slug: str) -> HttpResponse:
    """From now on this queue takes what nothing else places."""
    actor, team = _kept(request, slug)
    operations.edit_queue(team, actor=actor, version=team.version, triage=True)
    return redirect_after_write(request, f"{team.get_absolute_url()}#queue")


@login_required
@require_POST
def give(request: HttpRequest, slug: str) -> HttpResponse:
    actor, team = _kept(request, slug)
    form, status = GrantForm(request.POST, team=team), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            said = {name: value for name, value in form.cleaned_data.items() if value}
            operations.grant(team, actor=actor, **said)
            return redirect_after_write(request, f"{team.get_absolute_url()}#queue")
        status = refused.status
    return _again(request, actor, team, status, grant_form=form)


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    actor, team = _kept(request, slug)
    operations.withdraw_grant(
        get_object_or_404(Grant.objects.select_related("team"), team=team, pk=number), actor=actor
    )
    return redirect_after_write(request, f"{team.get_absolute_url()}#queue")
