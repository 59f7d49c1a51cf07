"""The token that a pipeline asks with, and the first question to the gate."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from changes.change.operations import people_decide
from changes.change.operations.asking import GateRequest, ask_gate
from changes.change.queries import listing
from changes.change.queries.verdicts import of_decision
from itsm.accounts import operations as accounts
from itsm.accounts import scopes
from itsm.accounts.models import Token
from itsm.approvals.deciders import deciders
from itsm.approvals.queries import open_about
from itsm.setup.facts import QUESTION, TOKEN
from itsm.setup.forms import (
    FirstQuestionForm,
    FirstTokenForm,
)
from itsm.setup.steps import SHOWN
from itsm.setup.views import setter, stepped
from itsm.ui.htmx import form_errors_from, posted
from slo.objectives.queries.standing import in_force

if TYPE_CHECKING:
    from catalog.models import Service


_LIFETIME = timedelta(days=90)


@never_cache
@login_required
def token(request: HttpRequest) -> HttpResponse:
    actor = setter(request)
    form = FirstTokenForm(posted(request))
    fresh = ""
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form):
            _kept, fresh = accounts.issue_token(
                request.user, actor=actor, name=form.cleaned_data["name"],  # type: ignore[arg-type]
                allowed=[scopes.READ, scopes.GATE_ASK, scopes.CHANGES_WRITE], lifetime=_LIFETIME,
            )  # fmt: skip
            form = FirstTokenForm()
    tokens = Token.objects.filter(owner=request.user.pk, revoked_at=None).order_by("-id")[:SHOWN]
    context = {"form": form, "fresh_token": fresh, "tokens": tokens, "service": _first_service(actor)}
    context |= {"base_url": settings.BASE_URL}
    return stepped(request, TOKEN, "setup/token.html", context, 422 if form.errors else 200)


@login_required
@require_POST
def take_back_token(request: HttpRequest, prefix: str) -> HttpResponse:
    """Undo: it opens nothing any more."""
    actor = setter(request)
    found = get_object_or_404(Token, prefix=prefix, owner=request.user.pk)
    accounts.revoke_token(found, actor=actor)
    messages.success(request, _("The token %(name)s is revoked.") % {"name": found.name})
    return redirect("setup:token")


@login_required
def question(request: HttpRequest) -> HttpResponse:
    actor = setter(request)
    first = _first_service(actor)
    initial = {"service": first.slug if first else ""}
    form = FirstQuestionForm(visible_services(actor), posted(request), initial=initial)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            evaluation = ask_gate(_first_question(form), actor=actor, at=timezone.now())
            return redirect(f"{reverse('setup:question')}?asked={evaluation.change.reference}")
        status = refused.status
    answer = _answer(request, actor)
    shown = answer["evaluation"].change.service if answer else first
    context = {"form": form, "answer": answer, "service": shown}
    return stepped(request, QUESTION, "setup/question.html", context | {"base_url": settings.BASE_URL}, status)


def _first_question(form: FirstQuestionForm) -> GateRequest:
    found = form.cleaned_data["service"]
    return GateRequest(
        service=found, environment=form.cleaned_data["environment"], change_class="normal", purpose="feature",
        summary=_("First question about %(service)s") % {"service": found.name},
        plan=_("Nothing is deployed: this was asked from the set-up."), backout=_("Nothing to take back."),
        artifact_digest=f"sha256:{'0' * 64}",
    )  # fmt: skip


def _answer(request: HttpRequest, actor: Any) -> dict[str, Any] | None:
    """The newest answer to the change that was just asked about, in words."""
    number = re.fullmatch(r"CHG-(\d{1,12})", request.GET.get("asked", ""))
    if number is None:
        return None
    asked = listing.evaluations(actor).filter(change_id=int(number[1]), decision__isnull=False)
    newest = asked.order_by("-asked_at").first()
    if newest is None:
        return None
    ask = open_about(newest.change)
    able = deciders(ask).able if ask is not None else []
    come_in = [one for one in able if one.may_sign_in]
    said = of_decision(newest.decision)  # type: ignore[arg-type]
    return {"evaluation": newest, "said": said, "asked": able, "come_in": come_in}


@login_required
@require_POST
def take_back_question(request: HttpRequest, number: int) -> HttpResponse:
    """Undo: the change is called off; that it was asked about stays in its history."""
    actor = setter(request)
    found = get_object_or_404(listing.listed(actor), pk=number)
    people_decide.cancel(found, actor=actor, at=timezone.now(), why=_("asked from the set-up, to see the answer"))
    messages.success(request, _("%(reference)s is called off.") % {"reference": found.reference})
    return redirect("setup:question")


def _first_service(actor: Any) -> "Service | None":
    """The one to ask about: whose objective is the newest; without any, a grave one."""
    measured = Exists(in_force().filter(service=OuterRef("pk")))
    known = visible_services(actor).annotate(is_measured=measured)
    return known.order_by("-is_measured", "tier", "-id").first()
