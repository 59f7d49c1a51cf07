"""Pages of webhooks: the endpoints, one with its log, what was sent, and what is done by hand."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.notifications.web_addresses import our_address
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted, word_posted
from itsm.ui.paging import paged
from itsm.ui.sending import repeatable
from itsm.webhooks import operations, permissions, pictures, queries
from itsm.webhooks.inputs import EndpointForm, RotateForm, as_typed
from itsm.webhooks.models import WebhookDelivery, WebhookEndpoint


@login_required
def endpoints(request: HttpRequest) -> HttpResponse:
    page = paged(queries.endpoints(_keeper(request)), request.GET, ("name", "id"))
    waiting = queries.waiting(list(page))
    rows = [(one, waiting[one.pk]) for one in page]
    return render(request, "webhooks/list.html", {"page": page, "rows": rows})


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = _keeper(request)
    form = EndpointForm(actor, posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made, secret = operations.create(actor=actor, **form.said())
            return _secret_once(request, made, secret) if secret else _kept(request, made)
        status = refused.status
    return _editor(request, form, status=status)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    found = _found(actor, pk)
    form = EndpointForm(actor, posted(request), initial=as_typed(found))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            return _kept(
                request, operations.edit(found, actor=actor, version=form.cleaned_data["version"], **form.said())
            )
        status = refused.status
    return _editor(request, form, endpoint=found, status=status)


@login_required
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """One endpoint: how it fares, and what was sent to it."""
    found = _found(_keeper(request), pk)
    page = paged(queries.log_of(found), request.GET, ("-id",))
    queries.put_on(page)
    now = timezone.now()
    both = found.before_until is not None and found.before_until > now
    context: dict[str, Any] = {
        "endpoint": found,
        "page": page,
        "waiting": queries.waiting([found])[found.pk],
        "both_sign": both,
    }
    context["commands_at"] = our_address(f"/api/v1/integrations/slash/{found.pk}/") if found.slash_credential else ""
    return render(request, "webhooks/endpoint.html", context)


@login_required
def delivery(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    """One message: every try, and the body as it is sent."""
    sent = _sent(_keeper(request), pk, delivery)
    context = {"endpoint": sent.endpoint, "sent": sent, "body": _indented(sent.event.body)}
    return render(request, "webhooks/delivery.html", context)


def _indented(body: str) -> str:
    """As people read it; what is no JSON, as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


@login_required
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    found = _found(actor, pk)
    form = RotateForm(posted(request), initial={"credential": found.credential})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            changed, secret = operations.rotate(found, actor=actor, at=timezone.now(), **form.cleaned_data)
            return _secret_once(request, changed, secret) if secret else _kept(request, changed)
        status = refused.status
    return render(request, "webhooks/rotate.html", {"form": form, "endpoint": found}, status=status)


@repeatable
@login_required
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test now, and say what came back."""
    actor = _keeper(request)
    found = _found(actor, pk)
    try:
        tried = operations.test(found, actor=actor, at=timezone.now())
    except InvalidInput as refusal:
        said = " ".join(refusal.errors.get("url", [])) or refusal.detail
        tried = operations.Tried(False, said, 0.0)
    template = "webhooks/partials/tried.html" if getattr(request, "htmx", False) else "webhooks/tried.html"
    return render(request, template, {"endpoint": found, "tried": tried})


@login_required
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    found, version = _found(actor, pk), version_posted(request)
    if word_posted(request, "to", "on", "off") == "off":
        operations.switch_off(found, actor=actor, version=version)
        messages.success(request, _("It is off: nothing more is sent."))
    else:
        operations.switch_on(found, actor=actor, version=version)
        messages.success(request, _("It is on: it hears of what happens from now on."))
    return redirect_after_write(request, found.get_absolute_url())


@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    found = _found(actor, pk)
    if request.method == "POST":
        operations.delete(found, actor=actor, version=version_posted(request))
        messages.success(request, _("It is gone, with its log."))
        return redirect_after_write(request, reverse("webhooks:list"))
    return render(request, "webhooks/delete.html", {"endpoint": found, "waiting": queries.waiting([found])[found.pk]})


@login_required
@require_POST
def replay(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    actor = _keeper(request)
    operations.replay(_sent(actor, pk, delivery), actor=actor)
    messages.success(request, _("It leaves again, under the same id."))
    return redirect_after_write(request, reverse("webhooks:detail", args=[pk]))


def _editor(
    request: HttpRequest, form: EndpointForm, *, endpoint: WebhookEndpoint | None = None, status: int
) -> HttpResponse:
    kinds = [(kind, one.title, [f"{kind}.{event}" for event in one.events]) for kind, one in pictures.kinds().items()]
    context: dict[str, Any] = {"form": form, "endpoint": endpoint, "kinds": kinds}
    return render(request, "webhooks/form.html", context, status=status)


def _secret_once(request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    """The only page that shows it, and which nothing keeps."""
    response = render(request, "webhooks/secret.html", {"endpoint": endpoint, "secret": secret})
    response["Cache-Control"] = "no-store"
    response.made = endpoint.get_absolute_url()  # type: ignore[attr-defined]  # sent again, it makes no second one
    return response


def _kept(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    messages.success(request, _("Kept. Send a test to see whether it answers."))
    return redirect_after_write(request, endpoint.get_absolute_url())


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.keepers, _("Webhooks are kept by administrators."))


def _found(actor: Actor, pk: int) -> WebhookEndpoint:
    found = queries.endpoints(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such endpoint."))
    return found


def _sent(actor: Actor, pk: int, delivery: int) -> WebhookDelivery:
    sent = queries.log_of(_found(actor, pk)).filter(pk=delivery).first()
    if sent is None:
        raise NotFound(_("There is no such message, or it was sent more than thirty days ago."))
    queries.put_on([sent])
    return sent
