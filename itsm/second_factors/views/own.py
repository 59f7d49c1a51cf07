"""One's own second factors, on the profile."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_of
from itsm.accounts.models import User
from itsm.accounts.step_up import require_proof
from itsm.kernel.actors import Actor
from itsm.second_factors import codes, keys
from itsm.second_factors.forms import AppForm, KeyForm
from itsm.second_factors.keys import Purpose
from itsm.second_factors.models import FEW_CODES, CodeApp, FactorReset, SecurityKey
from itsm.second_factors.operations import own, resetting
from itsm.second_factors.queries import factors_of, is_required
from itsm.ui.htmx import form_errors_from, posted

_BEGUN = "begun_app"
_KINDS: dict[str, type[CodeApp | SecurityKey]] = {"app": CodeApp, "key": SecurityKey}


def _me(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # behind login_required


@login_required
def factors(request: HttpRequest) -> HttpResponse:
    """What I sign in with beside my password."""
    me = _me(request)
    has = factors_of(me.pk)
    context = {
        "has": has,
        "few": has.codes <= FEW_CODES,
        "required": is_required(me),
        "keys_possible": keys.possible(),
        "reset": FactorReset.objects.filter(user=me, done_at=None, stopped_at=None).exclude(due_at=None).first(),
    }
    return render(request, "second_factors/own.html", context)


def app_context(user: User, app: CodeApp) -> dict[str, Any]:
    """The secret of an app that is set up: as a picture, and to type."""
    secret = own.secret_of(app)
    shown = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return {"qr": codes.picture(codes.address_for(user, secret)), "secret": shown}


def app_begun_here(request: HttpRequest, user: User, actor: Actor, at: datetime) -> CodeApp:
    """The app that this browser began to set up, else another one. Nobody is shown what another browser began: whoever
    knows the password alone would keep a copy of the secret, and wait until it counts."""
    app = own.begun_app(user)
    if app is None or request.session.get(_BEGUN) != app.pk:
        app = own.begin_app(user, actor=actor, at=at)
        request.session[_BEGUN] = app.pk
    return app


@never_cache
@login_required
@sensitive_post_parameters()
def add_app(request: HttpRequest) -> HttpResponse:
    me, actor, now = _me(request), actor_of(request), timezone.now()
    require_proof(actor, doing=_("change your second factors"))
    app = app_begun_here(request, me, actor, now)
    form = AppForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            return _added(request, own.confirm_app(me, actor=actor, at=now, **form.cleaned_data))
        status = refused.status
    context = {"form": form, **app_context(me, app), "back": reverse("factors:list")}
    return render(request, "second_factors/add_app.html", context, status=status)


@never_cache
@login_required
@sensitive_post_parameters()
def add_key(request: HttpRequest, how: str) -> HttpResponse:
    me, actor, passkey = _me(request), actor_of(request), how == "passkey"
    require_proof(actor, doing=_("change your second factors"))
    form = KeyForm(reverse("factors:key_options", args=[how]), posted(request), passkey=passkey)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = own.add_key(
                me, actor=actor, request=request, passkey=passkey, at=timezone.now(), **form.cleaned_data
            )
            return _added(request, made)
        status = refused.status
    context = {"form": form, "passkey": passkey, "back": reverse("factors:list")}
    return render(request, "second_factors/add_key.html", context, status=status)


@never_cache
@login_required
@require_POST
def key_options(request: HttpRequest, how: str) -> HttpResponse:
    """How the browser makes another key."""
    require_proof(actor_of(request), doing=_("change your second factors"))
    purpose = Purpose.ADD_PASSKEY if how == "passkey" else Purpose.ADD_KEY
    return JsonResponse(keys.options_to_add(request, _me(request), purpose))


@never_cache
@login_required
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """What the browser asks a key for step-up."""
    return JsonResponse(keys.options_to_ask(request, Purpose.STEP_UP, _me(request).pk))


@login_required
@require_POST
def remove(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    if kind not in _KINDS:
        raise Http404
    factor: Any = get_object_or_404(_KINDS[kind]._default_manager.filter(user=_me(request).pk), pk=number)
    own.remove(_me(request), factor, actor=actor_of(request))
    messages.success(request, _("%(name)s is taken away.") % {"name": factor.name})
    return redirect("factors:list")


@never_cache
@login_required
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    return _added(request, own.renew_recovery_codes(_me(request), actor=actor_of(request)))


@login_required
@require_POST
def stop_reset(request: HttpRequest) -> HttpResponse:
    """I did not ask for that."""
    open_one = FactorReset.objects.filter(user=_me(request).pk, done_at=None, stopped_at=None)
    resetting.stop(get_object_or_404(open_one), actor=actor_of(request), at=timezone.now())
    messages.success(request, _("It is stopped: your second factors stay."))
    return redirect("factors:list")


def _added(request: HttpRequest, made: list[str]) -> HttpResponse:
    to = reverse("factors:list")
    if not made:
        messages.success(request, _("It counts from now on."))
        return redirect(to)
    shown = render(request, "second_factors/codes.html", {"codes": made, "to": to})
    shown.made = to  # type: ignore[attr-defined]  # sent again, it makes no others
    return shown
