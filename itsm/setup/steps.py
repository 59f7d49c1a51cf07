"""The pages of the steps: each shows what there is, takes one thing more, and takes back what was only tried."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from catalog.agreements import operations as agreements
from catalog.agreements.queries import living_agreements
from catalog.services import operations as catalog
from catalog.services.queries import visible_services
from changes.change.operations import people_decide
from changes.change.operations.asking import GateRequest, ask_gate
from changes.change.queries import listing
from changes.change.queries.verdicts import of_decision
from itsm.accounts import operations as accounts
from itsm.accounts import scopes
from itsm.accounts.models import Team, Token, User
from itsm.approvals.deciders import deciders
from itsm.approvals.queries import open_about
from itsm.setup.facts import AGREEMENT, OBJECTIVE, PEOPLE, QUESTION, SERVICE, TOKEN
from itsm.setup.forms import (
    ADDRESS,
    PROMETHEUS,
    FirstAgreementForm,
    FirstObjectiveForm,
    FirstQuestionForm,
    FirstServiceForm,
    FirstTokenForm,
    PersonForm,
    TeamForm,
)
from itsm.setup.trying import Tried, try_address, try_prometheus
from itsm.setup.views import setter, stepped
from itsm.ui.htmx import form_errors_from, posted
from slo.measuring import operations as measuring_operations
from slo.measuring.queries.listing import sources
from slo.objectives import operations as slo
from slo.objectives.queries.standing import in_force

if TYPE_CHECKING:
    from catalog.models import Service
    from slo.models import DataSource, Objective

_SHOWN = 8
_LIFETIME = timedelta(days=90)


@login_required
def people(request: HttpRequest) -> HttpResponse:
    actor = setter(request)
    sent = posted(request)
    team = TeamForm(sent if sent and "team_name" in sent else None)
    person = PersonForm(sent if sent and "username" in sent else None)
    status = 200 if sent is None else 422
    if team.is_bound and team.is_valid():
        with form_errors_from(team) as refused:
            made = accounts.add_team(actor=actor, slug=team.slug(), name=team.cleaned_data["team_name"])
            messages.success(request, _("The team %(name)s is there.") % {"name": made.name})
            return redirect("setup:people")
        status = refused.status
    if person.is_bound and person.is_valid() and _has_good_password(person):
        with form_errors_from(person) as refused:
            added = accounts.add_user(actor=actor, **person.said())
            messages.success(request, _("%(name)s is there.") % {"name": added})
            return redirect("setup:people")
        status = refused.status
    context = {
        "team_form": team, "form": person, "teams": Team.objects.all()[:50],
        "newest": User.objects.filter(account_type=User.AccountType.HUMAN).order_by("-id")[:_SHOWN],
    }  # fmt: skip
    return stepped(request, PEOPLE, "setup/people.html", context, status)


def _has_good_password(form: PersonForm) -> bool:
    said = form.cleaned_data["password"]
    if said:
        try:
            validate_password(said, User(username=form.cleaned_data["username"], name=form.cleaned_data["name"]))
        except ValidationError as error:
            form.add_error("password", error)
    return not form.errors


@login_required
def service(request: HttpRequest) -> HttpResponse:
    actor = setter(request)
    form = FirstServiceForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = catalog.create_service(actor=actor, **form.said())
            messages.success(request, _("%(name)s is in the catalog.") % {"name": made.name})
            return redirect("setup:service")
        status = refused.status
    newest = visible_services(actor).select_related("team").order_by("-id")[:_SHOWN]
    return stepped(request, SERVICE, "setup/service.html", {"form": form, "newest": newest}, status)


@login_required
@require_POST
def take_back_service(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo: a service that nothing stands on yet."""
    actor = setter(request)
    found = get_object_or_404(visible_services(actor), slug=slug)
    catalog.remove_service(found, actor=actor, version=found.version)
    messages.success(request, _("%(name)s is taken back.") % {"name": found.name})
    return redirect("setup:service")


@login_required
def objective(request: HttpRequest) -> HttpResponse:
    """`look` asks the source and keeps nothing."""
    actor = setter(request)
    services = visible_services(actor)
    first = services.order_by("tier", "-id").first()
    initial = {"service": first.slug if first else ""}
    form = FirstObjectiveForm(services, sources(actor), posted(request), initial=initial)
    status, tried = 200, None
    if request.method == "POST" and form.is_valid():
        tried = _tried(form)
        if "look" not in request.POST:
            with form_errors_from(form) as refused:
                made = _set_objective(form, actor)
                messages.success(request, _("%(name)s holds from now on.") % {"name": made.name})
                return redirect("setup:objective")
            status = refused.status
    elif request.method == "POST":
        status = 422
    if getattr(request, "htmx", False):
        return render(request, "setup/partials/tried.html", {"tried": tried, "form": form})
    newest = in_force().order_by("-id")[:_SHOWN]
    context = {"form": form, "tried": tried, "newest": newest, "has_services": first is not None}
    return stepped(request, OBJECTIVE, "setup/objective.html", context, status)


def _tried(form: FirstObjectiveForm) -> Tried | None:
    """Asked outside of any transaction; None for what nobody can ask."""
    said = form.cleaned_data
    if said["source"] == PROMETHEUS:
        queries = {name: said[name] for name in ("good_query", "total_query")}
        source: DataSource | str = said["data_source"] or said["server_url"]
        return try_prometheus(source, queries, timezone.now())
    return try_address(said["url"]) if said["source"] == ADDRESS else None


@transaction.atomic
def _set_objective(form: FirstObjectiveForm, actor: Any) -> "Objective":
    """Indicator and objective, both or neither."""
    said = form.cleaned_data
    indicator = measuring_operations.get_or_create_indicator(actor=actor, **form.definition())
    name = _("%(service)s is available") % {"service": said["service"].name}
    return slo.create_objective(
        actor=actor, at=timezone.now(), slug=form.slug("availability"), name=name[:120], service=said["service"],
        environment=said["environment"], target=said["target"], window_days=28, indicator=indicator,
    )  # fmt: skip


@login_required
@require_POST
def take_back_objective(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo: it is retired, and can be taken up again."""
    actor = setter(request)
    found = get_object_or_404(in_force(), slug=slug)
    kept = slo.retire_objective(found, actor=actor, version=found.version, at=timezone.now())
    if kept.awaits is not None:
        messages.info(request, _("It was measured already: a second person confirms that it goes."))
    else:
        messages.success(request, _("%(name)s is retired.") % {"name": found.name})
    return redirect("setup:objective")


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
    tokens = Token.objects.filter(owner=request.user.pk, revoked_at=None).order_by("-id")[:_SHOWN]
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


@login_required
def agreement(request: HttpRequest) -> HttpResponse:
    actor = setter(request)
    form = FirstAgreementForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = agreements.create_agreement(
                actor=actor, at=timezone.now(), name=form.cleaned_data["name"], targets=form.targets()
            )
            messages.success(request, _("%(name)s holds for what begins from now on.") % {"name": made.name})
            return redirect("setup:agreement")
        status = refused.status
    newest = living_agreements().order_by("-id")[:_SHOWN]
    return stepped(request, AGREEMENT, "setup/agreement.html", {"form": form, "newest": newest}, status)


@login_required
@require_POST
def take_back_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo: it holds for nothing new."""
    actor = setter(request)
    found = get_object_or_404(living_agreements(), pk=pk)
    agreements.retire_agreement(found, actor=actor, version=found.version, at=timezone.now())
    messages.success(request, _("%(name)s holds for nothing new.") % {"name": found.name})
    return redirect("setup:agreement")


def _first_service(actor: Any) -> "Service | None":
    """The one to ask about: whose objective is the newest; without any, a grave one."""
    measured = Exists(in_force().filter(service=OuterRef("pk")))
    known = visible_services(actor).annotate(is_measured=measured)
    return known.order_by("-is_measured", "tier", "-id").first()
