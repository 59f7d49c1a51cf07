"""Signing in and out. Pages of accounts are in `itsm.people`."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from itsm.accounts import other_ways
from itsm.accounts.demo_logins import DEMO_PASSWORD, founded_logins
from itsm.accounts.forms import SignInForm
from itsm.accounts.sessions import BY
from itsm.accounts.signing_in import PASSWORD, complete_sign_in


class SignIn(LoginView):
    """User name and password; where the demo company is founded also one click per role."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demo = {"demo_logins": founded_logins(), "demo_password": DEMO_PASSWORD} if settings.DEMO else {}
        ways = other_ways.offered(self.get_redirect_url())
        return super().get_context_data(**kwargs, **demo, other_ways=ways)

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        by = getattr(user, "came_by", PASSWORD)  # a provider, where its password it was
        return complete_sign_in(self.request, user, by=by, next_url=self.get_redirect_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignOut(LogoutView):
    """The session ends, and what the browser keeps of its pages goes with it."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        left_for = other_ways.left_for(str(request.session.get(BY, "")))
        answer = super().post(request, *args, **kwargs)
        if left_for is not None:
            answer = redirect(left_for)
        answer["Clear-Site-Data"] = '"cache", "storage"'  # the cookie of the session has gone by itself
        return answer
