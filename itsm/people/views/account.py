"""One's own account: profile, password, sessions, tokens and addresses."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from itsm.accounts import operations
from itsm.accounts.actors import actor_of
from itsm.accounts.forms import ProfileForm, TokenForm, as_typed
from itsm.accounts.models import EmailAddress, Session, Token, User
from itsm.accounts.sessions import hashed
from itsm.accounts.signing_in import sign_in_anew
from itsm.accounts.step_up import ask_proof, is_proven, prove
from itsm.kernel.errors import InvalidInput
from itsm.people.forms.account import AddressForm, ChangePasswordForm, ProofForm
from itsm.people.views.people import mine
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.returning import page_at

_LONGEST = 2000


def _me(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # behind login_required


def _here(request: HttpRequest) -> str:
    """The hash of this browser's own session."""
    return hashed(request.session.session_key or "")


def _profile(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    me = _me(request)
    context = {
        "form": TokenForm(),
        "profile_form": ProfileForm(initial=as_typed(me)),
        "password_form": ChangePasswordForm(),
        "address_form": AddressForm(),
        "tokens": Token.objects.filter(owner=me, revoked_at=None).order_by("-id")[:50],
        "sessions": Session.objects.filter(user=me, expires_at__gt=timezone.now())[:50],
        "this_session": _here(request),
        "addresses": me.addresses.all(),
        "memberships": me.memberships.select_related("team").order_by("team__name"),
        "rights_url": mine(request),
        **more,
    }
    return render(request, "accounts/profile.html", context, status=status)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    return _profile(request)


@login_required
def prove_again(request: HttpRequest) -> HttpResponse:
    """Show once more who one is, for what weighs much and has no form of its own to ask; then back to it."""
    actor, to = actor_of(request), page_at(request.GET.get("next", "")[:_LONGEST])
    form = ProofForm(posted(request))
    ask_proof(form, actor)
    if is_proven(actor):
        return redirect(to)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            prove(request, actor, form.cleaned_data)
            return redirect_after_write(request, to)
        status = refused.status
    return render(request, "accounts/prove.html", {"form": form, "to": to}, status=status)


@login_required
@require_POST
def edit_profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _profile(request, 422, profile_form=form)
    operations.edit_profile(_me(request), actor=actor_of(request), **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("accounts:profile")


@login_required
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """The present password is asked, and guessing it is counted as at the sign-in. Other sessions end."""
    form, me, status = ChangePasswordForm(request.POST), _me(request), 422
    if form.is_valid():
        said = form.cleaned_data
        if authenticate(request, username=me.username, password=said["current_password"]) is None:
            form.add_error("current_password", _("This is not your present password."))
            return _profile(request, 422, password_form=form)
        with form_errors_from(form) as refused:
            changed = operations.change_password(
                me, actor=actor_of(request), current_password=said["current_password"], password=said["password"]
            )
            sign_in_anew(request, changed)
            messages.success(request, _("Your password is changed; every other session has ended."))
            return redirect("accounts:profile")
        status = refused.status
    return _profile(request, status, password_form=form)


@login_required
@require_POST
def end_session(request: HttpRequest, reference: str) -> HttpResponse:
    """One session, or with "others" all but this one."""
    only = None if reference == "others" else reference
    if only is not None and _here(request).startswith(only):
        messages.info(request, _("This is the session that you are in: sign out to end it."))
        return redirect("accounts:profile")
    ended = operations.end_sessions(_me(request), actor=actor_of(request), only=only, but=_here(request))
    sentence = ngettext("%(count)s session has ended.", "%(count)s sessions have ended.", ended)
    messages.success(request, sentence % {"count": ended})
    return redirect("accounts:profile")


@login_required
@require_POST
def issue_token(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            token, text = operations.issue_token(actor=actor_of(request), **form.request_for(request.user))
            shown = _profile(request, fresh_token=text, fresh_name=token.name)
            shown.made = reverse("accounts:profile")  # type: ignore[attr-defined]  # sent again, it makes no second one
            return shown
        except InvalidInput as refused:
            form.add_error("allowed", refused.detail)
    return _profile(request, 422, form=form)


@login_required
@require_POST
def revoke_token(request: HttpRequest, prefix: str) -> HttpResponse:
    token = get_object_or_404(Token, prefix=prefix, owner=_me(request).pk)
    operations.revoke_token(token, actor=actor_of(request))
    messages.success(request, _("The token %(name)s is revoked.") % {"name": token.name})
    return redirect("accounts:profile")


@login_required
@require_POST
def add_address(request: HttpRequest) -> HttpResponse:
    form, status = AddressForm(request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            kept = operations.add_address(_me(request), form.cleaned_data["email"], actor=actor_of(request))
            messages.success(request, _("A link is on its way to %(email)s; follow it.") % {"email": kept.email})
            return redirect("accounts:profile")
        status = refused.status
    return _profile(request, status, address_form=form)


@login_required
@require_POST
def change_address(request: HttpRequest, number: int, action: str) -> HttpResponse:
    """Make an address the primary one, or take it away."""
    me, actor = _me(request), actor_of(request)
    address = get_object_or_404(EmailAddress, pk=number, user=me)
    if action == "primary":
        operations.make_primary(me, address, actor=actor)
    else:
        operations.remove_address(me, address, actor=actor)
    messages.success(request, _("Saved."))
    return redirect("accounts:profile")


@login_required
def verify_address(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail: a question first, so that a mail scanner that follows links verifies nothing."""
    if request.method != "POST":
        return render(request, "accounts/verify_address.html", {"token": token})
    address = operations.verify_address(token, actor=actor_of(request))
    messages.success(request, _("%(email)s is yours.") % {"email": address.email})
    return redirect("accounts:profile")
