"""One incident: its story on the left, its facts on the right, edited in place."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.services.queries import names_seen, visible_services
from incidents.incident import operations, permissions, queries
from incidents.incident.forms.record import EditForm, NewIncidentForm, NewIncidentForResponders, as_begun, as_typed
from incidents.incident.forms.together import NoteForm
from incidents.incident.models import Incident
from incidents.incident.vocabulary import Level, Priority
from incidents.incident.workflow import OF_THE_DESK, OVER, TOLD_WITH_ITS_NOTE, Status
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.queries.assignable import assignable_names
from itsm.accounts.reading import was_read
from itsm.approvals.views import waits
from itsm.fields import facts as typed_facts
from itsm.fields.forms import add_inputs, typed_in
from itsm.fields.queries import fillable
from itsm.files import queries as attachments
from itsm.files.permissions import withdrawers
from itsm.files.receiving import MESSAGE, takes_attachments
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.kernel.references import reference as reference_of
from itsm.macros.templates import offered_templates, template_named
from itsm.mail import incoming_queries as mail
from itsm.proposals.operations import sending
from itsm.proposals.queries import reply_drafted
from itsm.satisfaction.asking import asked_on
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.steps import offered


@login_required
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    was_read(incident, actor)
    if (draft := reply_drafted(request.GET.get("draft", ""), incident, actor)) is not None:
        return _page(request, incident, actor, draft=draft, note_form=NoteForm(initial={"text": draft.words}))
    return _page(request, incident, actor)


def page_of(incident: Incident, actor: Actor, *, as_caller: bool = False) -> dict[str, Any]:
    """What the record shows this reader: its facts and its story."""
    story = _story(incident, actor, as_caller=as_caller)
    newest = max((one.entry or 0 for one in story["events"] if not one.said and not one.origin), default=0)
    stamp = stamp_of(incident, actor, story["last_note"], newest)
    return {**_facts(incident, actor, as_caller=as_caller), **story, "stamp": stamp}


def stamp_of(incident: Incident, actor: Actor, last_note: int, last_entry: int) -> str:
    """Moves when the record looks otherwise to this reader: ids of the newest note they may read and of the newest
    entry that is none. Clocks are told to who works here alone."""
    own = incident.stamp if permissions.readers(actor, incident) else str(incident.version)
    return f"{own}.{last_note}.{last_entry}"


def _page(request: HttpRequest, incident: Incident, actor: Actor, status: int = 200, **more: Any) -> HttpResponse:
    """The record as a whole; `more`: a form that was refused, with what was typed."""
    as_caller = _is_for_caller(request)
    context = {
        **page_of(incident, actor, as_caller=as_caller),
        "note_form": NoteForm(),
        "may_print_all": permissions.readers(actor, incident),
        "handled": asked_on(incident, actor, timezone.now()) if _is_over_for(incident, actor) else {},
        "as_caller": as_caller,
        **more,
    }
    return render(request, "incidents/incident/detail.html", context, status=status)


def _is_over_for(incident: Incident, actor: Actor) -> bool:
    return incident.status in OVER and incident.caller_id == actor.id


def _is_for_caller(request: HttpRequest) -> bool:
    """`?audience=caller`: nothing that only the desk reads; InvalidInput for other words than caller and desk."""
    audience = request.GET.get("audience", "desk")
    if audience not in {"desk", "caller"}:
        raise InvalidInput.about("audience", gettext("An audience is desk or caller."))
    return audience == "caller"


def left_out(*, reads_all: bool) -> frozenset[str]:
    """Events that the story does not tell: what stands with its note, and what is the desk's own."""
    return frozenset({TOLD_WITH_ITS_NOTE}) | (frozenset() if reads_all else OF_THE_DESK)


def _story(incident: Incident, actor: Actor, *, as_caller: bool = False) -> dict[str, Any]:
    """What happened and what was attached, as far as it may be read; `last_note`: the newest word of it."""
    reads_all = permissions.readers(actor, incident) and not as_caller
    notes = queries.notes_on(incident, with_private=reads_all)
    last = max((one.pk for one in notes), default=0)
    files = attachments.put_on(notes, actor, reads_all=reads_all)
    now = timezone.now()
    for one in files:
        one.may_withdraw = withdrawers(actor, one, now)  # type: ignore[attr-defined]  # for the template
    hidden = left_out(reads_all=reads_all)
    entries = [entry for entry in queries.story_of(incident, notes) if entry.event not in hidden]
    by_mail = reads_all and any(entry.via == Door.MAIL for entry in entries)  # few are: the others ask nothing
    if by_mail:
        mail.put_on(notes)
    typed_facts.tell(entries, incident.kind, actor, works_here=reads_all)
    return {
        "events": activity(incident, entries, notes),
        "files": files,
        "last_note": last,
        "mail": mail.opening_mail(incident) if by_mail else None,
    }


def _facts(incident: Incident, actor: Actor, *, as_caller: bool = False) -> dict[str, Any]:
    may_edit = permissions.workers(actor, incident) and not as_caller
    works_here = permissions.readers(actor, incident) and not as_caller
    return {
        "incident": incident,
        "steps": [] if as_caller else offered(incident, actor, "incidents:step"),
        "typed": typed_facts.rows(incident, actor, works_here=works_here),
        "may_edit": may_edit,
        "works_here": works_here,
        "may_note": may_edit,
        "queues": queries.names_of_queues_for(actor, incident.team) if may_edit else [],
        "levels": Level.choices,
        "survivor": queries.survivor_of(incident, actor),
        "is_mine": incident.assigned_to_id == actor.id,
        "is_mine_to_confirm": incident.status == Status.RESOLVED and permissions.theirs(actor, incident),
        "people": assignable_names() if may_edit else [],
        "services": names_seen(actor) if may_edit else [],
        "priorities": Priority.choices,
        "soon": queries.soon(),
    }


@login_required
def events(request: HttpRequest, reference: str) -> HttpResponse:
    """The timeline alone, after something on the page changed."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    return render(request, "components/timeline.html", _story(incident, actor))


@login_required
@require_POST
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the fields that were sent. From the facts in place: the facts come back, with whatever clashed."""
    actor = actor_of(request)
    incident = _edited_by(actor, reference)
    form = EditForm(actor, request.POST)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            kept = operations.edit(incident, actor=actor, **form.sent())
            if kept.awaits is not None:
                return waits(request, kept.awaits)
            status = 200
        status = status if status == 200 else refused.status
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(incident) if status == 200 else _page(request, incident, actor, status, edit_form=form)
    fresh = {**_facts(queries.by_reference(actor, reference), actor), "edit_form": form, "is_stale": status == 412}
    response = render(request, "incidents/incident/partials/edited.html", fresh, status=status)
    response["HX-Trigger"] = "record-changed"
    return response


def suggest_labels(form: Any, actor: Actor) -> None:
    """Say beside the box which labels are in use, where the actor sees them."""
    form.fields["labels"].suggest(queries.labels_seen(actor))


def _edited_by(actor: Actor, reference: str) -> Incident:
    incident = queries.by_reference(actor, reference)
    if not permissions.workers(actor, incident):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(incident_reference)s.")
            % {"actor_name": actor.name, "incident_reference": incident.reference}
        )
    return incident


@login_required
def rewrite(request: HttpRequest, reference: str) -> HttpResponse:
    """The form for title, description, category, labels and typed fields."""
    actor = actor_of(request)
    incident = _edited_by(actor, reference)
    form = EditForm(actor, posted(request), initial=as_typed(incident))
    suggest_labels(form, actor)
    add_inputs(form, fillable(Incident.kind, actor, works_here=True), actor=actor, attributes=incident.attributes)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            typed = typed_in(form, only_touched=True)
            said = {name: value for name, value in form.sent().items() if name in form.declared_fields}
            kept = operations.edit(incident, actor=actor, **(said | {"attributes": typed} if typed else said))
            if kept.awaits is not None:
                return waits(request, kept.awaits)
            return redirect_after_write(request, incident.get_absolute_url())
        status = refused.status
    return render(request, "incidents/incident/rewrite.html", {"incident": incident, "form": form}, status=status)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(
        request, permissions.participants, gettext("%(actor_name)s reads everything and changes nothing.")
    )
    services, sent = visible_services(actor), posted(request)
    initial, template = {"service": request.GET.get("service", "")}, request.GET.get("template", "")
    if template:
        initial |= as_begun(template_named(actor, Incident.kind, template), actor)
    if permissions.responders(actor):
        form: NewIncidentForm = NewIncidentForResponders(services, queries.queues_for(actor), sent, initial=initial)
        suggest_labels(form, actor)
    else:
        form = NewIncidentForm(services, sent, initial=initial)
    add_inputs(form, fillable(Incident.kind, actor, works_here=permissions.staff(actor)), actor=actor)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = {name: value for name, value in form.cleaned_data.items() if name in form.declared_fields}
            incident = operations.open_prefilled(
                actor=actor, template=template, fill_blanks=False, attributes=typed_in(form), **said
            )
            return redirect_after_write(request, incident.get_absolute_url())
        status = refused.status
    context = {"form": form, "template": template, "templates": offered_templates(actor, Incident.kind)}
    return render(request, "incidents/incident/new.html", context, status=status)


@takes_attachments(MESSAGE)
@login_required
@require_POST
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """A note for the team, or a reply that the reporter sees; what a requester writes is always a reply."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    received: list[Any] = request.FILES.getlist("files")
    form, seen = NoteForm(request.POST, with_files=bool(received)), None
    status = 422
    if form.is_valid():
        private = permissions.readers(actor, incident) and not form.cleaned_data["reply"]
        seen = None if private else form.cleaned_data["seen"]
        text, draft = form.cleaned_data["text"], None if private else form.cleaned_data["draft"]
        with form_errors_from(form) as refused:
            with sending(draft, actor=actor, text=text, at=timezone.now()):
                said, _files = operations.say(
                    incident, actor=actor, text=text, private=private, received=received, seen=seen
                )
            # Where it lies: on the survivor of a merge, or on a new incident that follows a closed one.
            return redirect_after_write(request, f"/incidents/{reference_of('INC', said.record_id)}/#story")
        status = 413 if refused.status == 413 else 422
    meanwhile = queries.replied_since(incident, actor, seen) if seen is not None else []
    draft = reply_drafted(form.data.get("draft", ""), incident, actor)
    more = {"note_form": form, "meanwhile": meanwhile, "draft": draft}
    return _page(request, incident, actor, status, title=gettext("Note"), **more)
