"""What people send from a war room: words and commands, stakeholders, pins, tasks, and the facts."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident import queries as incidents
from incidents.major import operations, permissions, queries
from incidents.major.forms import MajorForm, PinForm, ProposeForm, SayForm, StakeholderForm, as_typed
from incidents.major.models import Major
from incidents.major.operations.editing import require_works_on
from incidents.major.views.room import page_of
from itsm.accounts.actors import actor_of
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import done_or_told, form_errors_from, posted, redirect_after_write, render_partial
from itsm.work.together import Together


def _worked_on(actor: Actor, reference: str) -> Major:
    major = queries.by_reference(actor, reference)
    require_works_on(actor, major)
    return major


def _part(request: HttpRequest, major: Major, actor: Actor, status: int = 200, **refused: Form) -> HttpResponse:
    return page_of(request, major, actor, status, **refused)


_TOGETHER = Together(_worked_on, _part, operations)


@login_required
@require_POST
def say(request: HttpRequest, reference: str) -> HttpResponse:
    """A note, or a command that begins with a slash."""
    actor = actor_of(request)
    major, form = _worked_on(actor, reference), SayForm(request.POST)
    return done_or_told(
        request, form, lambda: operations.say(major, actor=actor, at=timezone.now(), **form.cleaned_data),
        major.get_absolute_url(), lambda status: page_of(request, major, actor, status, say_form=form),
    )  # fmt: skip


@login_required
@require_POST
def add_stakeholder(request: HttpRequest, reference: str) -> HttpResponse:
    """Let somebody hear of every update."""
    actor = actor_of(request)
    major, form = _worked_on(actor, reference), StakeholderForm(request.POST)
    return done_or_told(
        request, form, lambda: operations.add_stakeholder(major, actor=actor, at=timezone.now(), **form.cleaned_data),
        f"{major.get_absolute_url()}#stakeholders",
        lambda status: page_of(request, major, actor, status, stakeholder_form=form),
    )  # fmt: skip


@login_required
@require_POST
def remove_stakeholder(request: HttpRequest, reference: str, one: int) -> HttpResponse:
    """They hear no longer."""
    actor = actor_of(request)
    major = _worked_on(actor, reference)
    operations.remove_stakeholder(major, queries.stakeholder_of(major, one), actor=actor)
    return redirect_after_write(request, f"{major.get_absolute_url()}#stakeholders")


@login_required
@require_POST
def pin(request: HttpRequest, reference: str) -> HttpResponse:
    """Pin a line of the timeline."""
    actor = actor_of(request)
    major = _worked_on(actor, reference)
    form = PinForm(request.POST)
    return done_or_told(
        request, form, lambda: operations.pin(major, actor=actor, at=timezone.now(), **form.cleaned_data),
        f"{major.get_absolute_url()}#timeline", lambda status: page_of(request, major, actor, status, say_form=form),
    )  # fmt: skip


@login_required
@require_POST
def unpin(request: HttpRequest, reference: str, one: int) -> HttpResponse:
    """It is no moment any more."""
    actor = actor_of(request)
    major = _worked_on(actor, reference)
    operations.unpin(major, queries.moment_of(major, one), actor=actor)
    return redirect_after_write(request, f"{major.get_absolute_url()}#timeline")


@login_required
@require_POST
def add_task(request: HttpRequest, reference: str) -> HttpResponse:
    """One more thing to do."""
    return _TOGETHER.add_task(request, reference)


@login_required
@require_POST
def task(request: HttpRequest, reference: str, task: int, verb: str) -> HttpResponse:
    """Tick a task, take the tick back, or take the task away."""
    return _TOGETHER.task(request, reference, task, verb)


@login_required
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """The form for severity, parts and cadence."""
    actor = actor_of(request)
    major = _worked_on(actor, reference)
    form = MajorForm(posted(request), initial=as_typed(major))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit(major, actor=actor, **form.cleaned_data)
            return redirect_after_write(request, major.get_absolute_url())
        status = refused.status
    return render(request, "incidents/major/edit.html", {"major": major, "form": form}, status=status)


@login_required
def for_incident(request: HttpRequest, reference: str) -> HttpResponse:
    """On an incident's page: whether it is a major one, and where that is proposed and decided. POST proposes."""
    actor = actor_of(request)
    incident = incidents.by_reference(actor, reference)
    if not permissions.readers(actor, Major(incident=incident)):
        said = {"name": actor.name, "reference": incident.reference}
        raise NotPermitted(_("%(name)s reads only the public side of %(reference)s.") % said)
    form = ProposeForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.propose_incident(incident, actor=actor, at=timezone.now(), **form.cleaned_data)
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    context = {
        "incident": incident, "major": queries.of_incident(incident.pk, actor), "form": form,
        "may_propose": incident.is_open and permissions.proposers(actor, Major(incident=incident)),
    }  # fmt: skip
    title = _("Is %(reference)s a major incident?") % {"reference": incident.reference}
    template = "incidents/major/partials/for_incident.html"
    return render_partial(request, template, context, title=title, status=status, back=incident)
