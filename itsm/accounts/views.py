"""Signing in and out. Pages of accounts are in `itsm.people`."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse

from itsm.accounts.demo_logins import DEMO_PASSWORD, founded_logins
from itsm.accounts.forms import SignInForm
from itsm.accounts.sessions import ADDRESS_CLASS, DEVICE
from itsm.accounts.step_up import remember_proof
from itsm.accounts.tokens import address_class


class SignIn(LoginView):
    """User name and password; where the demo company is founded also one click per role."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demo = {"demo_logins": founded_logins(), "demo_password": DEMO_PASSWORD} if settings.DEMO else {}
        return super().get_context_data(**kwargs, **demo)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        remember_device(self.request)
        remember_proof(self.request)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignOut(LogoutView):
    http_method_names = ("post", "options")


def remember_device(request: HttpRequest) -> None:
    """Keep with the session in which browser it began, and in which kind of network, so that its person knows it."""
    request.session[DEVICE] = request.headers.get("User-Agent", "")[:200]
    request.session[ADDRESS_CLASS] = address_class(str(request.META.get("REMOTE_ADDR", "")))
