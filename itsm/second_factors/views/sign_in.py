"""The second step of a sign-in, and passkeys, which are both steps in one. Nobody here is signed in yet."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from itsm.accounts.signing_in import Half, complete_sign_in, half_signed_in, sign_in_finished
from itsm.kernel.errors import NotPermitted
from itsm.second_factors import guard, keys
from itsm.second_factors.forms import AppForm, KeyForm, ShowForm
from itsm.second_factors.keys import Purpose
from itsm.second_factors.operations import own
from itsm.second_factors.queries import grace_of, has_any
from itsm.second_factors.showing import KEY, is_shown, tell_copied
from itsm.second_factors.views.own import app_begun_here, app_context
from itsm.ui.htmx import form_errors_from, posted
from itsm.ui.returning import page_at

_CHOICES = {"app", "key", "passkey"}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Show a code or a key; then one is signed in."""
    half = half_signed_in(request)
    if half is None or not has_any(half.user.pk):
        return redirect("accounts:sign_in")
    form = ShowForm(half.user.pk, posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            if is_shown(request, half.user, Purpose.SECOND, form.cleaned_data, timezone.now()):
                return _finished(request)
            form.add_error(None, _("That is not right. A code is good once, and for half a minute."))
        status = refused.status if refused.status >= 400 else 422
    context = {"form": form, "person": half.user}
    return render(request, "second_factors/second.html", context, status=status)


@never_cache
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """What the browser asks a key of who is half signed in."""
    half = _half(request)
    return JsonResponse(keys.options_to_ask(request, Purpose.SECOND, half.user.pk))


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, how: str = "") -> HttpResponse:
    """Who has to have a factor and has none sets one up, and can do nothing else; with grace they may put it off."""
    half = half_signed_in(request)
    if half is None or has_any(half.user.pk) or (how and how not in _CHOICES):
        return redirect("accounts:sign_in")
    if how == "app":
        return _app(request, half)
    if how:
        return _key(request, half, passkey=how == "passkey")
    if request.method == "POST":
        if not guard.may_wait(half):
            raise NotPermitted(_("Set one up first: your role asks for a second factor."))
        return _finished(request, strong=False)
    context = {"person": half.user, "until": grace_of(half.user) if guard.may_wait(half) else None,
               "keys_possible": keys.possible()}  # fmt: skip
    return render(request, "second_factors/set_up.html", context)


def _app(request: HttpRequest, half: Half) -> HttpResponse:
    actor, now = own.setting_up(half.user), timezone.now()
    app = app_begun_here(request, half.user, actor, now)
    form = AppForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            codes = own.confirm_app(half.user, actor=actor, at=now, **form.cleaned_data)
            return _with_codes(request, codes)
        status = refused.status
    context = {"form": form, **app_context(half.user, app), "back": guard.SET_UP}
    return render(request, "second_factors/set_up_app.html", context, status=status)


def _key(request: HttpRequest, half: Half, *, passkey: bool) -> HttpResponse:
    actor = own.setting_up(half.user)
    options = f"{guard.SET_UP}{'passkey' if passkey else 'key'}/options/"
    form = KeyForm(options, posted(request), passkey=passkey)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            codes = own.add_key(
                half.user, actor=actor, request=request, passkey=passkey, at=timezone.now(), **form.cleaned_data
            )
            return _with_codes(request, codes)
        status = refused.status
    context = {"form": form, "passkey": passkey, "back": guard.SET_UP}
    return render(request, "second_factors/set_up_key.html", context, status=status)


@never_cache
@require_POST
def set_up_options(request: HttpRequest, how: str) -> HttpResponse:
    """How the browser makes a key for who has to have one."""
    half = _half(request)
    if how not in ("key", "passkey") or has_any(half.user.pk):
        raise NotPermitted(_("Sign in first."))
    purpose = Purpose.ADD_PASSKEY if how == "passkey" else Purpose.ADD_KEY
    return JsonResponse(keys.options_to_add(request, half.user, purpose))


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser asks a passkey of nobody known."""
    return JsonResponse(keys.options_to_ask(request, Purpose.SIGN_IN, None))


@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey alone: it has asked for a finger or a PIN, so it is two factors in one."""
    try:
        key = keys.shown(request, Purpose.SIGN_IN, None, request.POST.get(KEY, ""), timezone.now())
    except keys.Copied as copied:
        tell_copied(copied.key)
        key = None
    if key is None:
        return render(request, "second_factors/passkey_refused.html", status=422)
    to = request.POST.get("next", "")[:2000]
    return complete_sign_in(request, key.user, by=guard.PASSKEY, strong=True, next_url=page_at(to) if to else "")


def _half(request: HttpRequest) -> Half:
    half = half_signed_in(request)
    if half is None:
        raise NotPermitted(_("Sign in first."))
    return half


def _finished(request: HttpRequest, *, strong: bool = True) -> HttpResponse:
    answer = sign_in_finished(request, strong=strong)
    answer["Location"] = page_at(answer["Location"])
    return answer


def _with_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    answer = _finished(request)
    if not codes:
        return answer
    return render(request, "second_factors/codes.html", {"codes": codes, "to": answer["Location"]})
