"""Settings, second factors: which roles need one, resets, and the sealed administrator."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import User
from itsm.accounts.step_up import ask_proof, prove
from itsm.administration.operations import has_other_administrators
from itsm.approvals.views import waits
from itsm.kernel.actors import Actor
from itsm.second_factors import permissions, queries
from itsm.second_factors.forms import ReasonForm, RuleForm
from itsm.second_factors.models import BreakGlass, BreakGlassUse, FactorRecords, FactorReset
from itsm.second_factors.operations import break_glass, resetting
from itsm.second_factors.operations import rules as operations
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.readers, _("Who signs in how is for administrators and auditors."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.keepers, _("Administrators, people, say who signs in how."))


@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """Every role with its rule; sent: the one that is named."""
    actor = _reader(request) if request.method == "GET" else _keeper(request)
    form, status = RuleForm(posted(request)), 200
    if request.method == "POST":
        status = 422
        ask_proof(form, actor, required=False)
        if form.is_valid():
            with form_errors_from(form) as refused:
                said, now = dict(form.cleaned_data), timezone.now()
                actor = prove(request, actor, said)
                days = said["grace_days"] or 0
                rule = operations.set_rule(
                    said["role"], actor=actor, required=said["required"], at=now,
                    grace_until=now + timedelta(days=days) if days and said["required"] else None,
                )  # fmt: skip
                if rule.awaits is not None:
                    return waits(request, rule.awaits)
                messages.success(request, _("It holds from now on."))
                return redirect_after_write(request, rule.get_absolute_url())
            status = refused.status
    context = {
        "standings": queries.standings(), "form": form, "may_keep": permissions.keepers(actor),
        "others": has_other_administrators(actor), "now": timezone.now(),
        "resets": _open_resets(actor).select_related("user", "asked_by"),
        "sealed": BreakGlass.objects.select_related("user"),
        "open_uses": BreakGlassUse.objects.visible_to(actor).filter(acknowledged_at=None).count(),
        "untested": queries.untested_break_glass(timezone.now()),
    }  # fmt: skip
    return render(request, "second_factors/rules.html", context, status=status)


def _open_resets(actor: Actor) -> FactorRecords:
    return FactorReset.objects.visible_to(actor).filter(done_at=None, stopped_at=None)


@login_required
def reset(request: HttpRequest, login: str) -> HttpResponse:
    """Reset somebody's, with a reason; another administrator confirms it, and the person may stop it."""
    actor = _keeper(request)
    person = get_object_or_404(User.objects.visible_to(actor), username=login, account_type=User.AccountType.HUMAN)
    form = ReasonForm(posted(request))
    ask_proof(form, actor)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = dict(form.cleaned_data)
            actor = prove(request, actor, said)
            made = resetting.ask_reset(person, actor=actor, at=timezone.now(), **said)
            if made.awaits is not None:
                return waits(request, made.awaits)
            messages.success(request, _("%(name)s is told, and it is done a day from now.") % {"name": person})
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    context = {"form": form, "person": person, "has": queries.factors_of(person.pk),
               "others": has_other_administrators(actor)}  # fmt: skip
    return render(request, "second_factors/reset.html", context, status=status)


@login_required
@require_POST
def stop_reset(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    resetting.stop(get_object_or_404(FactorReset.objects.visible_to(actor), pk=pk), actor=actor, at=timezone.now())
    messages.success(request, _("It is stopped."))
    return redirect("factor_rules:rules")


@login_required
def sealed(request: HttpRequest) -> HttpResponse:
    """The sealed administrators and every use of them; sent: what one was for."""
    actor = _reader(request) if request.method == "GET" else _keeper(request)
    form, status, pk = ReasonForm(posted(request)), 200, 0
    if request.method == "POST":
        status, pk = 422, _number(request.POST.get("use", ""))
        use = get_object_or_404(BreakGlassUse.objects.visible_to(actor), pk=pk)
        if form.is_valid():
            with form_errors_from(form) as refused:
                break_glass.acknowledge(use, actor=actor, at=timezone.now(), **form.cleaned_data)
                messages.success(request, _("Thank you: the banner is gone."))
                return redirect_after_write(request, break_glass.PATH)
            status = refused.status
    context = {
        "accounts": BreakGlass.objects.select_related("user"),
        "uses": BreakGlassUse.objects.visible_to(actor).select_related("account__user", "acknowledged_by")[:100],
        "untested": {one.pk for one in queries.untested_break_glass(timezone.now())},
        "form": form, "sent": pk, "may_keep": permissions.keepers(actor),
    }  # fmt: skip
    return render(request, "second_factors/break_glass.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
