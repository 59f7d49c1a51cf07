"""Pages of agreements: the list in its order, who would match, and the editor."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.agreements import operations, permissions, queries
from catalog.agreements.forms import AgreementForm, NewAgreementForm, SubjectForm, as_typed
from catalog.agreements.models import METRIC_WORDS, METRICS, Agreement, AgreementVersion
from catalog.agreements.views.promises import in_percent, measured_of
from itsm.accounts.actors import actor_permitted
from itsm.clocks import durations
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted


@login_required
def agreements(request: HttpRequest) -> HttpResponse:
    """All in their order; asked about a record, which one would hold for it and why the others not."""
    actor = _reader(request)
    asked = SubjectForm(request.GET) if request.GET else SubjectForm()
    traced: dict[int, str] | None = None
    if request.GET and asked.is_valid():
        with form_errors_from(asked):
            traced = {one.pk: words for one, words in queries.trace(_subject(asked))}
    known = list(queries.agreements())
    rows = [
        (one, _targets(queries.newest_version(one)), None if traced is None else traced.get(one.pk, ""), long)
        for one, long in zip(known, _too_long(known), strict=True)
    ]
    context = {
        "rows": rows, "asked": asked, "traced": traced is not None, "metrics": METRIC_WORDS.values(),
        "none_holds": traced is not None and all(traced.values()), "may_keep": permissions.agreement_keepers(actor),
    }  # fmt: skip
    return render(request, "catalog/agreements/list.html", context)


def _subject(asked: SubjectForm) -> queries.Subject:
    said = asked.cleaned_data
    return queries.subject(**{**said, "category": said["category"].strip()})


def _too_long(known: Sequence[Agreement]) -> list[bool]:
    """Of each whether what stands behind it may take longer than it promises."""
    now = timezone.now()
    return [any(one.is_too_long for one in queries.standing_behind(each, known, now)) for each in known]


def _targets(held: AgreementVersion) -> dict[str, Any]:
    """As the list shows it."""
    times = [
        (METRIC_WORDS[metric], durations.written(held.targets[metric]) if metric in held.targets else "–")
        for metric in METRICS
    ]
    return {
        "calendar": held.calendar,
        "times": times,
        "number": held.number,
        "availability": in_percent(held.availability),
    }


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = _keeper(request)
    form = NewAgreementForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.create_agreement(actor=actor, at=timezone.now(), **form.said())
            messages.success(request, _("%(name)s holds for what begins from now on.") % {"name": made.name})
            return redirect_after_write(request, reverse("agreements:list"))
        status = refused.status
    return render(request, "catalog/agreements/form.html", {"form": form}, status=status)


@login_required
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement; administrators edit it here."""
    actor, found = _reader(request), _found(pk)
    if request.method == "POST":
        _keeper(request)
    held = queries.newest_version(found)
    form = AgreementForm(posted(request), initial=as_typed(found, held))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_agreement(found, actor=actor, at=timezone.now(), **form.said())
            messages.success(request, _("It holds for what begins from now on; clocks that run keep their terms."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    context = {
        "agreement": found, "held": held, "form": form, "may_keep": permissions.agreement_keepers(actor),
        "targets": _targets(held)["times"], "availability": in_percent(held.availability),
        "behind": _behind(found), "achieved": _achieved(found, held),
        "versions": found.versions.select_related("calendar").order_by("-number")[:20],
    }  # fmt: skip
    return render(request, "catalog/agreements/form.html", context, status=status)


def _behind(found: Agreement) -> list[dict[str, Any]]:
    """What stands behind each promised time, in words."""
    return [
        {
            "metric": METRIC_WORDS[one.metric], "promised": durations.written(one.promised),
            "parts": [(name, durations.written(minutes)) for name, minutes in one.parts],
            "total": durations.written(one.total), "is_too_long": one.is_too_long,
        }
        for one in queries.standing_behind(found, queries.agreements(), timezone.now())
    ]  # fmt: skip


def _achieved(found: Agreement, held: AgreementVersion) -> list[dict[str, Any]]:
    """What objectives of its service measured of the promised availability."""
    service = found.offering.service_id if found.offering is not None else found.service_id
    if service is None or held.availability is None:
        return []
    return measured_of(service, held.availability)


@login_required
@require_POST
def keep(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Retire it, or let it hold again."""
    actor, found, version = _keeper(request), _found(pk), version_posted(request)
    if verb == "retire":
        operations.retire_agreement(found, actor=actor, version=version, at=timezone.now())
        messages.success(request, _("%(name)s holds for nothing new.") % {"name": found.name})
    else:
        operations.revive_agreement(found, actor=actor, version=version)
        messages.success(request, _("%(name)s holds again.") % {"name": found.name})
    return redirect("agreements:list")


def _found(pk: int) -> Agreement:
    return get_object_or_404(queries.agreements(), pk=pk)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.agreement_readers, _("Agreements are for people who work here."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.agreement_keepers, _("Administrators keep the agreements."))
