"""The endpoints: where a browser asks its person, and where programs exchange, register and give back."""

from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from itsm.accounts.actors import actor_permitted
from itsm.accounts.step_up import ask_proof, prove
from itsm.agents import permissions
from itsm.agents.models import Agent
from itsm.api.proxies import client_address
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, NotFound
from itsm.oauth import documents, metadata, naming, operations, redirects, registering, revoking
from itsm.oauth.forms import ConsentForm
from itsm.oauth.models import OAuthGrant
from itsm.oauth.server import SERVER
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial, word_posted
from itsm.ui.sending import repeatable


@login_required
@never_cache
@repeatable  # what it answers holds a code, which is kept nowhere
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponseBase:
    """A client asks; a person who is signed in here reads what for, and says yes or no."""
    actor = actor_permitted(request, permissions.people, _("Software agents are connected by people."))
    asking = SERVER.create_oauth2_request(request)
    try:
        documents.look_up(asking.payload.data.get("client_id", ""), asker=actor, at=timezone.now())
        grant = SERVER.get_consent_grant(asking, end_user=request.user)
    except (OAuth2Error, ValueError) as error:
        return _not_asked_well(request, asking, error)
    asked = grant.request.scope.split()
    agents = list(
        Agent.objects.alive().filter(account__owner=actor.id, stopped_at=None).select_related("account__owner")
    )
    called = naming.quoted_name(grant.client.name)[:100]
    initial = {"capabilities": asked, "name": called or _("Agent"), "agent": _acts_as(agents, grant.client.name)}
    form, status = ConsentForm(posted(request), asked=asked, agents=agents, initial=initial), 200
    if any(one.outward_after_reading for one in agents):
        ask_proof(form, actor, required=False)
    if request.method == "POST":
        if word_posted(request, "decision", "allow", "deny") == "deny":
            return _answered(grant, asking, None)
        status = 422
        if request.POST.get("told", "") != documents.told(grant.client):
            form.add_error(
                None, _("What this program says of itself has changed since you opened this page. Look again.")
            )
        elif form.is_valid():
            with form_errors_from(form) as refused:
                by = prove(request, actor, form.cleaned_data)  # a wrong guess is counted, whatever is undone
                with transaction.atomic():
                    return _answered(grant, asking, _consented(by, agents, form, asked))
            status = refused.status
    return _page(request, grant, form, status, actor)


def _stopped(actor: Actor, name: str) -> Agent | None:
    """One of theirs that is stopped and was likely this program: who says yes now makes a new one beside it."""
    stopped = Agent.objects.alive().filter(account__owner=actor.id, account__name=name).exclude(stopped_at=None)
    return stopped.select_related("account", "stopped_by").order_by("-stopped_at").first() if name else None


def _consented(actor: Actor, agents: list[Agent], form: ConsentForm, asked: list[str]) -> Any:
    said = form.cleaned_data
    agent = next((one for one in agents if one.reference == said.get("agent")), None)
    return operations.consent(
        actor=actor, agent=agent, name=said["name"], capabilities=said["capabilities"], asked=asked, at=timezone.now()
    )


def _acts_as(agents: list[Agent], name: str) -> str:
    """An agent that is called as the client calls itself was likely made by it."""
    return next((one.reference for one in agents if name and one.name == name), "")


def _answered(grant: Any, asking: Any, consent: Any) -> HttpResponse:
    """Back to the client, with a code or a no; which server answers is said as well (RFC 9207)."""
    answer: HttpResponse = SERVER.create_authorization_response(asking, grant_user=consent, grant=grant)
    if answer.has_header("Location"):
        answer["Location"] = add_params_to_uri(answer["Location"], [("iss", metadata.issuer())])
    return answer


def _page(request: HttpRequest, grant: Any, form: ConsentForm, status: int, actor: Actor) -> HttpResponse:
    name, back = grant.client.name, grant.redirect_uri
    context = {
        "form": form,
        "stopped": _stopped(actor, name),
        "client": grant.client,
        "told": documents.told(grant.client),
        "changed_since": documents.changed_since(grant.client, actor),
        "called": naming.quoted_name(name),
        "alphabets": naming.odd_alphabets(name),
        "place": redirects.place(back),
        "is_own_machine": redirects.is_own_machine(back),
    }
    page = render(request, "oauth/authorize.html", context, status=status)
    page._csp_update = {"form-action": [redirects.origin(back)]}  # type: ignore[attr-defined]  # browsers hold redirects to it as well
    return page


def _not_asked_well(request: HttpRequest, asking: Any, error: Exception) -> HttpResponse:
    """Told here, and never by a redirect: who made the address may have registered where it would lead to."""
    odd = error if isinstance(error, OAuth2Error) else InvalidRequestError("A parameter holds what it may not.")
    back = (
        add_params_to_uri(odd.redirect_uri, [*odd.get_body(), ("iss", metadata.issuer())]) if odd.redirect_uri else ""
    )
    told = {
        "no_document": isinstance(odd, documents.UnreadError | documents.BusyError),
        "error": odd.error,
        "detail": odd.get_error_description(),
        "back": back,
    }
    if back:
        told["place"] = redirects.place(back)
    return render(request, "oauth/refused.html", told, status=400)


@login_required
def consents(request: HttpRequest, login: str) -> HttpResponse:
    """A part of the agent's page: the programs that signed in as it."""
    actor = actor_permitted(request, permissions.readers, _("Software agents are shown to people."))
    agent = Agent.objects.visible_to(actor).select_related("account").filter(account__username__iexact=login).first()
    if agent is None:
        raise NotFound(_("You have no software agent of this name."))
    alive = agent.grants.filter(ended_at=None, expires_at__gt=timezone.now()).select_related("client")
    told = [(one, naming.quoted_name(one.client.name), _places(one)) for one in alive]
    context = {"consents": told, "may_end": permissions.stoppers(actor, agent)}
    return render_partial(
        request, "oauth/partials/consents.html", context, title=_("Signed in by a browser"), back=agent
    )


def _places(grant: OAuthGrant) -> str:
    return ", ".join(sorted({redirects.place(one) for one in grant.client.redirect_uris}))


@login_required
@require_POST
def end_consent(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_permitted(request, permissions.readers, _("Software agents are shown to people."))
    rows = OAuthGrant.objects.filter(agent__in=Agent.objects.visible_to(actor)).select_related("agent__account__owner")
    grant = rows.filter(pk=pk).first()
    if grant is None:
        raise NotFound(_("There is no such consent."))
    operations.take_away(grant, actor=actor, at=timezone.now())
    messages.success(request, _("It has ended: that program has to ask again."))
    return redirect_after_write(request, grant.agent.get_absolute_url())


@csrf_exempt  # a program asks, by what it was given and no cookie
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A code, or a refresh token, for an access token of an hour and another refresh token."""
    return _endpoint(request, lambda: SERVER.create_token_response(request))


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009."""
    return _endpoint(request, lambda: SERVER.create_endpoint_response(revoking.Revocation.ENDPOINT_NAME, request))


def _endpoint(request: HttpRequest, answer: Any) -> HttpResponse:
    """In one transaction; what Authlib would stumble over is answered by the protocol's own error."""
    if any(len(request.POST.getlist(name)) > 1 for name in request.POST if name != "resource"):
        return _error("invalid_request", "Send each parameter once.")
    if any("\0" in value for value in request.POST.values()):
        return _error("invalid_request", "A parameter holds what it may not.")
    try:
        with transaction.atomic():
            answered: HttpResponse = answer()
            return answered
    except (ValueError, DomainError):
        return _error("invalid_request", "A parameter holds what it may not.")


@csrf_exempt
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """RFC 7591: a program says what it is called and where the browser goes back to."""
    try:
        made = registering.register(request.body, client_address(request), timezone.now())
    except OAuth2Error as error:
        return _error(str(error.error), error.get_error_description(), error.status_code)
    return _json(made, 201)


@require_GET
def protected_resource(request: HttpRequest) -> HttpResponse:
    return _public(metadata.protected_resource())


@require_GET
def authorization_server(request: HttpRequest) -> HttpResponse:
    return _public(metadata.authorization_server())


def _public(document: dict[str, Any]) -> HttpResponse:
    """For everybody, also for clients that run in a browser."""
    answer = JsonResponse(document)
    answer["Cache-Control"], answer["Access-Control-Allow-Origin"] = "public, max-age=300", "*"
    return answer


def _error(code: str, words: str, status: int = 400) -> HttpResponse:
    return _json({"error": code, "error_description": words}, status)


def _json(document: dict[str, Any], status: int) -> HttpResponse:
    answer = JsonResponse(document, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
