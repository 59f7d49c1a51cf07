"""What the public is told: incidents and planned work, published, told further, taken off."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.workflow import Workflow
from itsm.notifications.web_addresses import our_address
from itsm.statuspage import queries
from itsm.statuspage.forms import (
    IncidentUpdateForm,
    MaintenanceUpdateForm,
    NewIncidentForm,
    NewMaintenanceForm,
    ReschedulingForm,
    WithdrawalForm,
)
from itsm.statuspage.models import Component, Maintenance, PublicIncident, StatusPage
from itsm.statuspage.operations import behind, notices
from itsm.statuspage.operations import maintenance as planned
from itsm.statuspage.permissions import publishers
from itsm.statuspage.views.keeping import publisher, reader
from itsm.statuspage.workflow import INCIDENT, MAINTENANCE
from itsm.ui.activity import activity
from itsm.ui.htmx import done_or_told, form_errors_from, posted, redirect_after_write, render_partial

_ROUND = timedelta(minutes=30)


def _shown(page: StatusPage) -> list[Component]:
    return list(page.components.filter(retired_at=None).order_by("position", "pk"))


@login_required
def new_incident(request: HttpRequest, slug: str) -> HttpResponse:
    """`?from=INC-42`: the incident behind it."""
    actor = publisher(request)
    found, now = queries.page_called(actor, slug), timezone.now()
    begun = {"internal": request.GET.get("from", "")[:20], "next_update_at": now + _ROUND, "status": "investigating"}
    form = NewIncidentForm(_shown(found), posted(request), initial=begun)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = {
                name: form.cleaned_data[name] for name in ("title", "body", "status", "next_update_at", "started_at")
            }
            internal = behind.of_incident(form.cleaned_data["internal"], actor)
            made = notices.publish(found, actor=actor, at=now, states=form.states, internal=internal, **said)
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "statuspage/new_incident.html", {"form": form, "status_page": found}, status=status)


@login_required
def incident(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What was said so far, and the form that says more."""
    actor = publisher(request) if request.method == "POST" else reader(request)
    found = queries.incidents(actor).filter(page__slug=slug, pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such incident."))
    form = IncidentUpdateForm(
        _shown(found.page), posted(request), states=queries.states_of(found), steps=_steps(INCIDENT, actor, found),
        initial={"version": found.version, "action": "update", "postmortem_url": found.postmortem_url},
    )  # fmt: skip

    def said() -> None:
        names = ("action", "body", "next_update_at", "postmortem_url", "version")
        words: dict[str, Any] = {name: form.cleaned_data[name] for name in names}
        notices.publish_update(found, actor=actor, at=timezone.now(), states=form.states, **words)

    return _answered(request, "incident", found, actor, form, said)


@login_required
def new_maintenance(request: HttpRequest, slug: str) -> HttpResponse:
    """`?from=CHG-7`: the approved change behind it, whose window it takes place in."""
    actor = publisher(request)
    found, now = queries.page_called(actor, slug), timezone.now()
    begun = {"internal": request.GET.get("from", "")[:20], **_window(now)}
    form = NewMaintenanceForm(_shown(found), posted(request), initial=begun)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said: dict[str, Any] = dict(form.cleaned_data)
            said["internal"] = behind.of_maintenance(said["internal"], actor)
            made = planned.plan_maintenance(found, actor=actor, at=now, **said)
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "statuspage/new_maintenance.html", {"form": form, "status_page": found}, status=status)


def _window(now: datetime) -> dict[str, datetime]:
    starts = (now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    return {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}


@login_required
def maintenance(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What was said so far, and the form that says more."""
    actor = publisher(request) if request.method == "POST" else reader(request)
    found = _maintenance(actor, slug, pk)
    form = MaintenanceUpdateForm(
        posted(request), steps=_steps(MAINTENANCE, actor, found),
        initial={"version": found.version, "action": "update"},
    )  # fmt: skip

    def said() -> None:
        planned.move_maintenance(found, actor=actor, at=timezone.now(), **form.cleaned_data)

    return _answered(request, "maintenance", found, actor, form, said)


@login_required
def reschedule(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another time, and what the public is told about it."""
    actor = publisher(request)
    found = _maintenance(actor, slug, pk)
    held = {"starts_at": found.starts_at, "ends_at": found.ends_at, "version": found.version}
    form = ReschedulingForm(posted(request), initial=held)

    def told(status: int) -> HttpResponse:
        return render(request, "statuspage/reschedule.html", {"form": form, "notice": found}, status=status)

    if request.method != "POST":
        return told(200)
    return done_or_told(
        request, form, lambda: planned.reschedule(found, actor=actor, at=timezone.now(), **form.cleaned_data),
        found.get_absolute_url(), told,
    )  # fmt: skip


def _maintenance(actor: Actor, slug: str, pk: int) -> Maintenance:
    found = queries.maintenance(actor).filter(page__slug=slug, pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such planned work."))
    return found


def _steps(table: Workflow, actor: Actor, record: Any) -> list[tuple[str, Any]]:
    return [(step.action, step.label) for step in table.open_to(actor, record)]


def _answered(
    request: HttpRequest, kind: str, found: PublicIncident | Maintenance, actor: Actor, form: Any, say: Any
) -> HttpResponse:
    def told(status: int) -> HttpResponse:
        place = "incidents" if kind == "incident" else "maintenance"
        context = {
            "notice": found, "form": form, "is_incident": kind == "incident", "status_page": found.page,
            "updates": found.updates.select_related("withdrawn", "by"), "internal": queries.internal_for(actor, found),
            "may_speak": publishers(actor), "steps": form.fields["action"].choices,
            "components": _shown(found.page), "events": activity(found, timeline(found)),
            "public_url": our_address(f"/status/{found.page.slug}/{place}/{found.code}/"),
        }  # fmt: skip
        return render(request, "statuspage/notice.html", context, status=status)

    if request.method != "POST":
        return told(200)
    return done_or_told(request, form, say, found.get_absolute_url(), told)


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The public reads an update no longer; mails that left have left."""
    actor = publisher(request)
    found = queries.updates(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such update."))
    form, notice = WithdrawalForm(posted(request)), found.incident or found.maintenance

    def told(status: int) -> HttpResponse:
        return render(
            request, "statuspage/withdraw.html", {"form": form, "update": found, "notice": notice}, status=status
        )  # fmt: skip

    if request.method != "POST" or notice is None:
        return told(200)
    return done_or_told(
        request, form, lambda: notices.withdraw_update(found, actor=actor, at=timezone.now(), **form.cleaned_data),
        notice.get_absolute_url(), told,
    )  # fmt: skip


@login_required
def about(request: HttpRequest, reference: str) -> HttpResponse:
    """The part of an incident's or a change's page: what the public was told of it, and where more is said."""
    actor = reader(request)
    incidents, works = queries.about(actor, reference)
    context = {
        "reference": reference, "notices": [*incidents, *works], "may_speak": publishers(actor),
        "pages": list(queries.pages(actor).filter(retired_at=None)[:20]), "is_change": reference.startswith("CHG-"),
    }  # fmt: skip
    return render_partial(request, "statuspage/partials/about.html", context, title=_("The public"))
