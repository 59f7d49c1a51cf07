"""Pages of escalation policies: the list, one as it would page now, and its editor."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.paging import operations, permissions
from itsm.paging.forms import PolicyForm, StepTyped, choices_for, steps_sent, typed_of
from itsm.paging.forms.policies import initial_of, sent
from itsm.paging.models import EscalationPolicy
from itsm.paging.operations import policies
from itsm.paging.queries import reading
from itsm.paging.vocabulary import Urgency
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted, word_posted
from itsm.ui.paging import paged

MORE = "more"


@login_required
def listing(request: HttpRequest) -> HttpResponse:
    actor = _reader(request)
    page = paged(reading.policies(actor), request.GET, ("name", "id"))
    context = {
        "page": page, "has_last_resort": reading.has_last_resort(), "may_make": permissions.some_keep(actor),
    }  # fmt: skip
    return render(request, "paging/policies.html", context)


@login_required
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A policy, and whom each step would page if it began now."""
    actor = _reader(request)
    found = reading.policy_called(actor, slug)
    urgency = Urgency.LOW if request.GET.get("urgency") == Urgency.LOW else Urgency.HIGH
    context = {
        "policy": found, "steps": reading.rehearsed(found, urgency, timezone.now()), "urgency": urgency,
        "may_keep": permissions.keepers(actor, found), "has_last_resort": reading.has_last_resort(),
    }  # fmt: skip
    return render(request, "paging/policy.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(
        request, permissions.some_keep, _("Policies are kept by owners, managers, engineers and administrators.")
    )
    return _edit(request, actor, None)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    actor = _reader(request)
    return _edit(request, actor, _kept(actor, slug))


def _edit(request: HttpRequest, actor: Actor, policy: EscalationPolicy | None) -> HttpResponse:
    initial = initial_of(policy) if policy is not None else None
    form = PolicyForm(actor, posted(request), is_new=policy is None, initial=initial)
    typed = sent(request.POST) if request.method == "POST" else typed_of(policy)
    if request.method != "POST":
        return _drawn(request, actor, form, typed, policy, 200)
    do = word_posted(request, "do", "save", MORE, *(f"drop-{n}" for n in range(len(typed))), otherwise="save")
    if do != "save":  # nothing is kept: the boxes are drawn with one step more, or less
        typed = [*typed, StepTyped()] if do == MORE else [one for n, one in enumerate(typed) if do != f"drop-{n}"]
        return _drawn(
            request, actor, PolicyForm(actor, is_new=policy is None, initial=_said(request)), typed, policy, 200
        )
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            kept = _save(actor, form, typed, policy)
            messages.success(request, _("Kept."))
            return redirect_after_write(request, kept.get_absolute_url())
        status = refused.status
    return _drawn(request, actor, form, typed, policy, status)


def _save(actor: Actor, form: PolicyForm, typed: list[StepTyped], policy: EscalationPolicy | None) -> EscalationPolicy:
    steps = steps_sent(typed, actor)
    if policy is None:
        return policies.create(actor=actor, steps=steps, **form.terms())
    version = form.cleaned_data["version"]
    return policies.edit(policy, actor=actor, version=version, steps=steps, **form.terms())


def _said(request: HttpRequest) -> dict[str, Any]:
    return {
        name: request.POST.get(name, "") for name in ("name", "team", "zone", "repeats", "version", "is_last_resort")
    }


def _drawn(
    request: HttpRequest,
    actor: Actor,
    form: PolicyForm,
    typed: list[StepTyped],
    policy: EscalationPolicy | None,
    status: int,
) -> HttpResponse:
    context = {"form": form, "typed": typed, "policy": policy, "groups": choices_for(actor)}
    return render(request, "paging/policy_form.html", context, status=status)


@login_required
@require_POST
def go_live(request: HttpRequest, slug: str) -> HttpResponse:
    actor = _reader(request)
    found = _kept(actor, slug)
    policies.go_live(found, actor=actor, at=timezone.now(), version=version_posted(request))
    messages.success(request, _("It is live: it pages from now on."))
    return redirect_after_write(request, found.get_absolute_url())


@login_required
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    actor = _reader(request)
    found = _kept(actor, slug)
    if request.method == "POST":
        policies.retire(found, actor=actor, at=timezone.now(), version=version_posted(request))
        messages.success(request, _("It is retired: what it did stays."))
        return redirect_after_write(request, reverse("paging:policies"))
    return render(request, "paging/retire.html", {"policy": found})


@login_required
@require_POST
def test(request: HttpRequest, slug: str) -> HttpResponse:
    """Page oneself by one's own rules: nobody else is woken."""
    actor = _reader(request)
    found = reading.policy_called(actor, slug)
    if not actor.is_human:
        raise InvalidInput(_("Only people can be paged."))
    urgency = word_posted(request, "urgency", *Urgency.values, otherwise="high")
    operations.try_rules(actor, urgency, found.team_id, timezone.now())
    messages.success(request, _("You are paged now, by your own rules. Nobody else is."))
    return redirect_after_write(request, "/pages/")


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.staff, _("Escalation policies are for people who work here."))


def _kept(actor: Actor, slug: str) -> EscalationPolicy:
    found = reading.policy_called(actor, slug)
    if not permissions.keepers(actor, found):
        raise NotPermitted(_("This policy is kept by the owners, managers and engineers of its team."))
    return found
