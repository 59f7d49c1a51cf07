"""One software agent: what it may, what it did, its tokens, and its end."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import Token
from itsm.accounts.permissions import staff
from itsm.accounts.step_up import ask_proof, prove
from itsm.agents import operations, permissions, queries, setups
from itsm.agents.forms import AgentForm, AgentTokenForm, StopForm
from itsm.agents.models import Agent
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted


@login_required
def detail(request: HttpRequest, login: str) -> HttpResponse:
    actor = _reader(request)
    return _page(request, actor, _found(actor, login))


def _page(request: HttpRequest, actor: Actor, agent: Agent, status: int = 200, **more: Any) -> HttpResponse:
    at = timezone.now()
    did = queries.did(agent, at)
    context = {
        "agent": agent,
        "events": activity(agent, did.history),
        "tokens": agent.account.alive,  # type: ignore[attr-defined]
        "did": did,
        "fared": queries.fared(agent, at),
        "is_own": permissions.owners(actor, agent),
        "may_stop": permissions.stoppers(actor, agent),
        "may_resume": permissions.resumers(actor, agent),
        "token_form": _token_form(actor, agent),
        "stop_form": StopForm(),
        "shut": operations.is_door_shut(),
        "works_here": staff(actor),
        **more,
    }
    return render(request, "agents/detail.html", context, status=status)


def _token_form(actor: Actor, agent: Agent, data: Any = None) -> AgentTokenForm:
    """It asks who they are where a token may write outward after reading."""
    form = AgentTokenForm(data, allowed=agent.capabilities)
    if agent.writing_outward(agent.capabilities):
        ask_proof(form, actor, required=False)
    return form


@login_required
def edit(request: HttpRequest, login: str) -> HttpResponse:
    actor = _reader(request)
    agent = _found(actor, login, permissions.owners)
    initial = {name: getattr(agent, name) for name in ("name", "purpose", "capabilities", "outward_after_reading")}
    form, status = AgentForm(posted(request), initial=initial), 200
    ask_proof(form, actor, required=False)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            with form_errors_from(form) as refused:
                by = prove(request, actor, form.cleaned_data)
                operations.edit(agent, actor=by, version=version_posted(request), **form.cleaned_data)
                messages.success(request, _("Saved; it holds from its next call on."))
                return redirect_after_write(request, agent.get_absolute_url())
            status = refused.status
    return render(request, "agents/edit.html", {"form": form, "agent": agent}, status=status)


@login_required
@require_POST
def issue_token(request: HttpRequest, login: str) -> HttpResponse:
    """Its text is on the page that answers, this once."""
    actor = _reader(request)
    agent = _found(actor, login, permissions.owners)
    form, status = _token_form(actor, agent, request.POST), 422
    if form.is_valid():
        said = form.cleaned_data
        with form_errors_from(form) as refused:
            by = prove(request, actor, said)
            token, text = operations.issue_token(
                agent, actor=by, capabilities=said["capabilities"] or None, hours=said["hours"], at=timezone.now()
            )
            more: dict[str, Any] = {
                "fresh_token": text,
                "fresh_name": token.reference,
                "setups": setups.with_token(text),
            }
            shown = _page(request, actor, _found(actor, login), **more)
            shown.made = agent.get_absolute_url()  # type: ignore[attr-defined]  # sent again, it makes no second one
            return shown
        status = refused.status
    return _page(request, actor, agent, status, token_form=form)


@login_required
@require_POST
def revoke_token(request: HttpRequest, login: str, prefix: str) -> HttpResponse:
    actor = _reader(request)
    agent = _found(actor, login, permissions.stoppers)
    token = Token.objects.filter(owner=agent.account_id, prefix=prefix).first()
    if token is None:
        raise NotFound(_("This agent has no such token."))
    operations.revoke_token(token, actor=actor, at=timezone.now())
    messages.success(request, _("It opens nothing any more."))
    return redirect_after_write(request, agent.get_absolute_url())


@login_required
@require_POST
def stop(request: HttpRequest, login: str) -> HttpResponse:
    actor, form = _reader(request), StopForm(request.POST)
    agent = _found(actor, login, permissions.stoppers)
    if form.is_valid():
        operations.stop(agent, actor=actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("It is stopped; its tokens have ended."))
        return redirect_after_write(request, agent.get_absolute_url())
    return _page(request, actor, agent, 422, stop_form=form)


@login_required
@require_POST
def resume(request: HttpRequest, login: str) -> HttpResponse:
    actor = _reader(request)
    agent = operations.resume(_found(actor, login), actor=actor, at=timezone.now())
    messages.success(request, _("It may be given tokens again."))
    return redirect_after_write(request, agent.get_absolute_url())


@login_required
@require_POST
def end(request: HttpRequest, login: str) -> HttpResponse:
    actor = _reader(request)
    agent = operations.end(_found(actor, login), actor=actor, at=timezone.now())
    messages.success(request, _("It has ended. What it asked and proposed stays here to be read."))
    return redirect_after_write(request, agent.get_absolute_url())


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.readers, _("Software agents are shown to people."))


def _found(actor: Actor, login: str, may: Callable[[Actor, Any], bool] = permissions.readers) -> Agent:
    """The agent, where this actor `may`: what was sent, and how it stands, is looked at after that."""
    found = queries.listed(actor, timezone.now()).filter(account__username__iexact=login).first()
    if found is None:
        raise NotFound(_("You have no software agent of this name."))
    if not may(actor, found):
        raise NotPermitted(_("%(agent)s acts for somebody else, who says what it may do.") % {"agent": found.reference})
    return found
