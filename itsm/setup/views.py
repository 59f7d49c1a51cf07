"""Pages of the first hour: the way in, the overview, and what every step shares."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import administrators
from itsm.accounts.signing_in import LINK, complete_sign_in
from itsm.accounts.views import SignIn
from itsm.kernel.actors import Actor
from itsm.setup import links, operations
from itsm.setup.facts import progress
from itsm.setup.forms import AdministratorForm
from itsm.ui.htmx import form_errors_from, posted

_sign_in = SignIn.as_view()


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in; on a desk without people, what to do instead of a sign-in that nobody can pass."""
    if request.method == "GET" and not request.user.is_authenticated and not links.has_people():
        return render(request, "setup/nobody.html")
    return _sign_in(request)


@never_cache
@sensitive_post_parameters("password", "again")
def administrator(request: HttpRequest, secret: str) -> HttpResponse:
    """The one-time link: looking at it uses nothing, signing up uses it."""
    if not links.is_open(secret, timezone.now()):
        return render(request, "setup/link_over.html", {"has_people": links.has_people()}, status=404)
    named = links.named_in_a_file()
    initial = {"username": named[0].username, "name": named[0].name, "email": named[0].email} if named else {}
    form = AdministratorForm(posted(request), initial=initial)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            user = links.found_administrator(secret, at=timezone.now(), **form.person())
            answer = complete_sign_in(request, user, by=LINK, next_url=reverse("setup:overview"))
            messages.success(request, _("Welcome, %(name)s. You are this desk's administrator.") % {"name": user})
            return answer
        status = refused.status
    return render(request, "setup/administrator.html", {"form": form, "named": named}, status=status)


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Every step, what there is already, and what comes next."""
    setter(request)
    return render(request, "setup/overview.html", {"progress": progress()})


@login_required
@require_POST
def decide(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Pass over a step, or take that back."""
    actor = setter(request)
    steps = {"skip": operations.skip_step, "take-up": operations.take_up_step}
    if what not in steps:
        raise Http404
    steps[what](key, actor=actor)
    return redirect("setup:overview")


@login_required
@require_POST
def card(request: HttpRequest, what: str) -> HttpResponse:
    """Put the card on the desk away, or show it again."""
    actor = setter(request)
    if what == "dismiss":
        operations.dismiss(actor=actor, at=timezone.now())
        messages.info(request, _("The set-up stays in the menu of your account."))
        return redirect("home:desk")
    if what != "bring-back":
        raise Http404
    operations.bring_back(actor=actor)
    return redirect("setup:overview")


def setter(request: HttpRequest) -> Actor:
    """The administrator who sets the desk up. NotPermitted for everybody else."""
    return actor_permitted(request, administrators, _("%(actor_name)s may not set the desk up."))


def stepped(request: HttpRequest, key: str, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page of one step, with where it stands among the others."""
    known = progress()
    step = next(one for one in known.steps if one.key == key)
    context = {"progress": known, "step": step, **context}
    return render(request, template, context, status=status)
