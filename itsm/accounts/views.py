"""Signing in and out, one's own profile and tokens."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts import operations
from itsm.accounts.actors import actor_of
from itsm.accounts.forms import DEMO_LOGINS, DEMO_PASSWORD, ProfileForm, SignInForm, TokenForm, as_typed
from itsm.accounts.models import Token
from itsm.kernel.errors import InvalidInput


class SignIn(LoginView):
    """User name and password; in a demo also one click per role."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demo = {"demo_logins": DEMO_LOGINS, "demo_password": DEMO_PASSWORD} if settings.DEMO else {}
        return super().get_context_data(**kwargs, **demo)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignOut(LogoutView):
    http_method_names = ("post", "options")


def _profile(request: HttpRequest, form: TokenForm, status: int = 200, **more: Any) -> HttpResponse:
    more.setdefault("profile_form", ProfileForm(initial=as_typed(request.user)))
    tokens = Token.objects.filter(owner=request.user.pk, revoked_at=None).order_by("-id")[:50]
    return render(request, "accounts/profile.html", {"form": form, "tokens": tokens, **more}, status=status)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    return _profile(request, TokenForm())


@login_required
@require_POST
def edit_profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _profile(request, TokenForm(), 422, profile_form=form)
    operations.edit_profile(request.user, actor=actor_of(request), **form.cleaned_data)  # type: ignore[arg-type]
    messages.success(request, _("Saved."))
    return redirect("accounts:profile")


@login_required
@require_POST
def issue_token(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            token, text = operations.issue_token(actor=actor_of(request), **form.request_for(request.user))
            shown = _profile(request, TokenForm(), fresh_token=text, fresh_name=token.name)
            shown.made = reverse("accounts:profile")  # type: ignore[attr-defined]  # sent again, it makes no second one
            return shown
        except InvalidInput as refused:
            form.add_error("allowed", refused.detail)
    return _profile(request, form, status=422)


@login_required
@require_POST
def revoke_token(request: HttpRequest, prefix: str) -> HttpResponse:
    token = get_object_or_404(Token, prefix=prefix, owner=request.user.pk)
    operations.revoke_token(token, actor=actor_of(request))
    messages.success(request, _("The token %(name)s is revoked.") % {"name": token.name})
    return redirect("accounts:profile")
