"""What is worked on together: the parent, tasks, watchers and links of one incident."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.cmdb.queries.impact import with_ways
from incidents.incident import operations, permissions, queries
from incidents.incident.forms.together import ParentForm, WatchForm
from incidents.incident.models import Incident
from incidents.incident.operations.kinship import require_works_on
from itsm.accounts.actors import actor_of
from itsm.accounts.queries.assignable import assignable
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import redirect_after_write, render_partial
from itsm.work.forms import LinkForm
from itsm.work.linking import linked_to
from itsm.work.task_lines import lines
from itsm.work.tasks import tasks_of
from itsm.work.time_worked import time_on
from itsm.work.together import Together
from itsm.work.watching import MAX_WATCHERS, watchers_of


def worked_on(actor: Actor, reference: str) -> Incident:
    """The incident, for who may change it; NotFound and NotPermitted before anything that was sent is looked at."""
    incident = queries.by_reference(actor, reference)
    require_works_on(actor, incident)
    return incident


@login_required
def together(request: HttpRequest, reference: str) -> HttpResponse:
    """Tasks, parent and children, watchers and links: a part of the record's page."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    if not permissions.readers(actor, incident):
        said = {"name": actor.name, "reference": incident.reference}
        raise NotPermitted(_("%(name)s reads only the public side of %(reference)s.") % said)
    return part(request, incident, actor)


def part(request: HttpRequest, incident: Incident, actor: Actor, status: int = 200, **refused: Form) -> HttpResponse:
    """The part; `refused`: a form with what was typed."""
    watchers, may_edit = list(watchers_of(incident)[:MAX_WATCHERS]), permissions.workers(actor, incident)
    entries = list(time_on(incident))
    plans = may_edit and incident.is_open
    context = {
        "incident": incident,
        "may_edit": may_edit,
        "task_lines": lines(
            tasks_of(incident),
            lambda task, verb: reverse("incidents:task", args=[incident.reference, task, verb]),
            may_plan=plans,
            stops={"": _("before it is resolved")},
        ),
        "may_plan": plans,
        "add_task_url": reverse("incidents:add_task", args=[incident.reference]),
        "mandatory_label": _("Before it is resolved"),
        "people": assignable()[:300] if may_edit else [],
        "family": queries.family_of(incident, actor),
        "watchers": watchers,
        "follows": any(one.user_id == actor.id for one in watchers),
        "links": linked_to(incident, actor),
        "link_form": LinkForm(),
        "time_entries": entries,
        "minutes_worked": sum(one.minutes for one in entries),
        "reader_id": actor.id,
        **refused,
    }
    title = _("Working together on %(reference)s") % {"reference": incident.reference}
    return render_partial(request, "incidents/incident/partials/together.html", context, title=title, status=status)


@login_required
def who_feels_it(request: HttpRequest, reference: str) -> HttpResponse:
    """The items that it affects, and the services that feel it, by state: a part of the record's page."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    if not permissions.readers(actor, incident):
        said = {"name": actor.name, "reference": incident.reference}
        raise NotPermitted(_("%(name)s reads only the public side of %(reference)s.") % said)
    found = queries.felt_by(incident, actor)
    context = {
        "incident": incident, "felt": found, "services": with_ways(found.services, actor),
        "may_edit": permissions.workers(actor, incident),
    }  # fmt: skip
    title = _("Who feels %(reference)s") % {"reference": incident.reference}
    return render_partial(request, "incidents/incident/partials/who_feels_it.html", context, title=title)


TOGETHER = Together(worked_on, part, operations)


@login_required
@require_POST
def parent(request: HttpRequest, reference: str) -> HttpResponse:
    """Make it the child of the incident that was named; of none where nothing was."""
    actor = actor_of(request)
    incident, form = worked_on(actor, reference), ParentForm(request.POST)

    def do() -> None:
        if form.cleaned_data["parent"]:
            operations.set_parent(incident, actor=actor, parent=form.cleaned_data["parent"])
        else:
            operations.clear_parent(incident, actor=actor)

    return TOGETHER.done_or_told(request, incident, actor, "parent_form", form, do)


@login_required
@require_POST
def add_task(request: HttpRequest, reference: str) -> HttpResponse:
    """One more thing to do."""
    return TOGETHER.add_task(request, reference)


@login_required
@require_POST
def task(request: HttpRequest, reference: str, task: int, verb: str) -> HttpResponse:
    """Tick a task, take the tick back, or take the task away."""
    return TOGETHER.task(request, reference, task, verb)


def _followed(actor: Actor, reference: str) -> Incident:
    incident = queries.by_reference(actor, reference)
    if not (permissions.participants(actor) and permissions.readers(actor, incident)):
        raise NotPermitted(_("%(name)s may not follow %(reference)s.") % {"name": actor.name, "reference": reference})
    return incident


@login_required
@require_POST
def watch(request: HttpRequest, reference: str) -> HttpResponse:
    """Follow it, or let somebody follow it."""
    actor = actor_of(request)
    incident, form = _followed(actor, reference), WatchForm(request.POST)
    return TOGETHER.done_or_told(
        request,
        incident,
        actor,
        "watch_form",
        form,
        lambda: operations.watch(incident, actor=actor, **form.cleaned_data),
    )


@login_required
@require_POST
def unwatch(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody follows it no longer: who was named, or oneself."""
    actor = actor_of(request)
    incident = _followed(actor, reference)
    named = request.POST.get("user")
    following = watchers_of(incident)
    found = following.filter(user__username=named) if named else following.filter(user=actor.id)
    if (watcher := found.first()) is not None:
        operations.unwatch(incident, actor=actor, user=watcher.user)
    return redirect_after_write(request, f"{incident.get_absolute_url()}#together")


@login_required
@require_POST
def add_link(request: HttpRequest, reference: str) -> HttpResponse:
    """Link it to another record."""
    return TOGETHER.add_link(request, reference)


@login_required
@require_POST
def unlink(request: HttpRequest, reference: str, link: int) -> HttpResponse:
    """Take a link away."""
    return TOGETHER.unlink(request, reference, link)
