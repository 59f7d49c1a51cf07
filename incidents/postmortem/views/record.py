"""One postmortem as people read it: what happened, why it could, what is done about it; its versions and files."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.incident import queries as incidents
from incidents.incident.models import Incident
from incidents.incident.operations.closing import what_stops_closing
from incidents.incident.permissions import readers
from incidents.postmortem import permissions, queries
from incidents.postmortem.forms import ActionForm, EventForm, OutcomeForm
from incidents.postmortem.models import Postmortem
from incidents.postmortem.workflow import Status
from incidents.problem import queries as problems
from incidents.problem.models import Problem
from itsm.accounts.actors import actor_of
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.reading import was_read
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.activity import activity
from itsm.ui.htmx import render_partial
from itsm.ui.steps import offered


@login_required
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    was_read(found, actor)
    return page_of(request, found, actor)


def page_of(request: HttpRequest, postmortem: Postmortem, actor: Actor, status: int = 200, **more: Any) -> HttpResponse:
    """The record as a whole; `more`: a form that was refused, with what was typed."""
    may_write = permissions.writers(actor, postmortem)
    actions = list(postmortem.actions.select_related("owner", "done_by", "problem", "problem__team"))
    links = queries.links_of(actions, actor)
    now = timezone.now()
    context = {
        "postmortem": postmortem,
        "about": postmortem.about,
        "steps": offered(postmortem, actor, "postmortems:step"),
        "is_overdue": postmortem.is_overdue(now),
        "may_write": may_write,
        "is_draft": may_write and postmortem.status == Status.DRAFT,
        "may_act": may_write and postmortem.status != Status.WAIVED,
        "timeline": postmortem.events.filter(removed=False),
        "actions": [
            {
                "action": one, "link": links.get(one.pk), "is_overdue": one.is_overdue(now),
                "may_finish": permissions.doers(actor, one), "form": OutcomeForm(),
            }
            for one in actions
        ],
        "wording": queries.wording_of(postmortem) if may_write and postmortem.is_worked_on else [],
        "versions": postmortem.versions.select_related("published_by"),
        "people": assignable()[:300] if may_write else [],
        "events": activity(postmortem, timeline(postmortem), []),
        "event_form": EventForm(),
        "action_form": ActionForm(),
        **more,
    }  # fmt: skip
    return render(request, "incidents/postmortem/detail.html", context, status=status)


@login_required
def version(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """A published version, as people read it then."""
    postmortem = queries.by_reference(actor_of(request), reference)
    found = queries.version_of(postmortem, number)
    if found is None:
        raise Http404
    facts: dict[str, Any] = found.content["facts"]
    facts = queries.with_names(facts, queries.names_in([facts]))
    context = {"postmortem": postmortem, "shown": found, "facts": facts}
    return render(request, "incidents/postmortem/version.html", context)


@login_required
def compare(request: HttpRequest, reference: str) -> HttpResponse:
    """Two versions line by line; without `?to=` the first against how it stands now."""
    actor = actor_of(request)
    postmortem = queries.by_reference(actor, reference)
    before, after = _text(postmortem, request, "from", actor), _text(postmortem, request, "to", actor)
    context = {
        "postmortem": postmortem, "lines": queries.compared(before, after), "versions": postmortem.versions.all(),
        "from": request.GET.get("from", ""), "to": request.GET.get("to", ""),
    }  # fmt: skip
    return render(request, "incidents/postmortem/compare.html", context)


def _text(postmortem: Postmortem, request: HttpRequest, which: str, actor: Actor) -> str:
    wanted = request.GET.get(which, "")
    if not wanted and which == "to":
        return queries.as_markdown(queries.facts_of(postmortem, actor))
    number = int(wanted) if wanted.isdecimal() and wanted.isascii() and len(wanted) < 10 else postmortem.published
    found = queries.version_of(postmortem, number)
    if found is None:
        raise Http404
    return queries.text_of(found)


@login_required
def as_markdown(request: HttpRequest, reference: str) -> HttpResponse:
    """As a text, to keep."""
    return _file(request, reference, "md")


@login_required
def as_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """On paper."""
    return _file(request, reference, "pdf")


def _file(request: HttpRequest, reference: str, form: str) -> HttpResponse:
    actor = actor_of(request)
    postmortem = queries.by_reference(actor, reference)
    text = queries.as_markdown(queries.facts_of(postmortem, actor))
    return HttpResponse(**queries.as_file(postmortem, text, form))


@login_required
def for_incident(request: HttpRequest, reference: str) -> HttpResponse:
    """The postmortem of an incident or a problem, for its page: or that one is needed before an incident is closed."""
    actor = actor_of(request)
    if reference[:4].upper() == "PRB-":
        return _for_problem(request, problems.by_reference(actor, reference), actor)
    incident = incidents.by_reference(actor, reference)
    if not readers(actor, incident):
        said = {"name": actor.name, "reference": incident.reference}
        raise NotPermitted(_("%(name)s reads only the public side of %(reference)s.") % said)
    found, may_write = queries.of_incident(incident, actor), permissions.writers(actor, Postmortem(incident=incident))
    return _beside(request, incident, found, may_write, what_stops_closing(incident))


def _for_problem(request: HttpRequest, problem: Problem, actor: Actor) -> HttpResponse:
    found, may_write = queries.of_problem(problem, actor), permissions.writers(actor, Postmortem(problem=problem))
    return _beside(request, problem, found, may_write, "")


def _beside(
    request: HttpRequest, about: Incident | Problem, found: Postmortem | None, may_write: bool, stops: str | None
) -> HttpResponse:
    is_overdue = found is not None and found.is_overdue(timezone.now())
    context = {
        "about": about, "postmortem": found, "is_overdue": is_overdue, "stops": stops, "may_write": may_write,
    }  # fmt: skip
    title = _("Postmortem of %(reference)s") % {"reference": about.reference}
    return render_partial(request, "incidents/postmortem/partials/for_incident.html", context, title=title, back=about)
