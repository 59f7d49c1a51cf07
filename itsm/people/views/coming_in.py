"""Coming in without a password: by an invitation, or by a link for who has forgotten theirs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from itsm.accounts import links, operations
from itsm.accounts.links import Purpose
from itsm.accounts.operations import known_places
from itsm.people.forms.account import ForgottenForm, PasswordForm
from itsm.ui.htmx import form_errors_from, posted

# What stands in the address instead of the token once it was read: an address may be shown to others.
KEPT = "chosen"
_IN_SESSION = "link"


def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whoever is asked for."""
    form = ForgottenForm(posted(request))
    sent, status = False, 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.ask_for_reset(form.cleaned_data["typed"], asked_from=request.META.get("REMOTE_ADDR", ""))
            sent = True
        status = 200 if sent else refused.status
    context = {"form": form, "sent": sent, "can_mail": links.can_mail()}
    return render(request, "accounts/forgotten.html", context, status=status)


def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail about a new place: a question first; then what began there ends."""
    if request.method != "POST":
        return render(request, "accounts/not_me.html", {"place": known_places.place_of(token), "token": token})
    ended = known_places.disown(token)
    messages.success(request, known_places.ended_sentence(ended))
    return redirect("accounts:sign_in")


def welcome(request: HttpRequest, token: str) -> HttpResponse:
    return _choose(request, token, Purpose.INVITATION)


def new_password(request: HttpRequest, token: str) -> HttpResponse:
    return _choose(request, token, Purpose.RESET)


@sensitive_post_parameters()
def _choose(request: HttpRequest, token: str, purpose: Purpose) -> HttpResponse:
    """The token is moved out of the address at once; then a password is asked for."""
    if token != KEPT:
        request.session[_IN_SESSION] = token
        return redirect(request.resolver_match.view_name, token=KEPT)  # type: ignore[union-attr]
    kept = str(request.session.get(_IN_SESSION, ""))
    opened = links.opened(kept, purpose)
    if opened is None:
        return render(request, "accounts/link_void.html", {"invited": purpose is Purpose.INVITATION}, status=404)
    form = PasswordForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.choose_password(kept, purpose, password=form.cleaned_data["password"])
            request.session.flush()
            messages.success(request, _("Your password is chosen. Sign in with it."))
            return redirect("accounts:sign_in")
        status = refused.status
    context = {"form": form, "person": opened.user, "invited": purpose is Purpose.INVITATION}
    return render(request, "accounts/choose_password.html", context, status=status)
