"""One request: with its tasks for who works on it, in plain words for whose it is."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.requests import operations, permissions, queries
from catalog.requests.forms import DecisionForm, EndTaskForm, RequestNoteForm, TaskForm
from catalog.requests.models import Request, RequestItem
from catalog.requests.workflow import REQUEST
from itsm.accounts.actors import actor_of
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.reading import was_read
from itsm.files import queries as attachments
from itsm.files.receiving import MESSAGE, takes_attachments
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.satisfaction.asking import asked_on
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, redirect_after_write
from itsm.ui.steps import offered, step_page

step = step_page(REQUEST, queries.by_reference)


@login_required
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """`?as=requester`: as whose it is reads it."""
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    was_read(found, actor)
    return page_of(request, found, actor)


def page_of(request: HttpRequest, found: Request, actor: Actor, status: int = 200, **more: Any) -> HttpResponse:
    """The record as a whole; `more`: a form that was refused, with what was typed, and the item that it is about."""
    works_here = permissions.readers(actor, found)
    if works_here and request.GET.get("as") != "requester":
        context = {**_for_desk(found, actor), **more}
        return render(request, "catalog/requests/detail.html", context, status=status)
    context = {**plain_page(found, actor), "works_here": works_here, **more}
    return render(request, "catalog/requests/plain.html", context, status=status)


def plain_page(found: Request, actor: Actor) -> dict[str, Any]:
    """What whose it is reads of a request, and who is asked to decide: the portal shows the same."""
    notes = queries.notes_on(found, with_private=False)
    attachments.put_on(notes, actor, reads_all=False)
    asked = [sheet for sheet in queries.sheets_of(found, actor) if sheet.may_decide]
    return {
        "request_record": found,
        "plain_items": queries.plain_items(found, actor),
        "asked": asked,
        "notes": notes,
        "is_theirs": permissions.theirs(actor, found),
        "may_reply": queries.may_reply(actor, found),
        "steps": offered(found, actor, "requests:step"),
        "note_form": RequestNoteForm(),
        "decision_form": DecisionForm(),
        "handled": {} if found.is_open else asked_on(found, actor, timezone.now()),
    }


def _for_desk(found: Request, actor: Actor) -> dict[str, Any]:
    notes = queries.notes_on(found, with_private=True)
    files = attachments.put_on(notes, actor, reads_all=True)
    sheets = queries.sheets_of(found, actor)
    works = permissions.works_on_some(actor, found)
    items = [sheet.item for sheet in sheets]
    return {
        "request_record": found,
        "sheets": [(sheet, offered(sheet.item, actor, "requests:item_step")) for sheet in sheets],
        "events": activity(found, queries.story_of(found, items), notes, parts=[RequestItem]),
        "files": files,
        "works": works,
        "may_reply": works or queries.may_reply(actor, found),
        "is_theirs": permissions.theirs(actor, found),
        "steps": offered(found, actor, "requests:step"),
        "people": assignable()[:300] if works else [],
        "watchers": queries.watchers(found),
        "note_form": RequestNoteForm(),
        "decision_form": DecisionForm(),
        "task_form": TaskForm(),
        "end_form": EndTaskForm(),
    }


@takes_attachments(MESSAGE)
@login_required
@require_POST
def say(request: HttpRequest, reference: str) -> HttpResponse:
    """A reply, or a note for the team; what whose it is writes is always a reply."""
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    if not queries.may_reply(actor, found):
        words = {"name": actor.name, "reference": found.reference}
        raise NotPermitted(_("%(name)s may not reply on %(reference)s.") % words)
    received: list[Any] = request.FILES.getlist("files")
    form = RequestNoteForm(request.POST, with_files=bool(received))
    status = 422
    if form.is_valid():
        private = permissions.readers(actor, found) and form.cleaned_data["private"]
        with form_errors_from(form) as refused:
            operations.say(found, actor=actor, text=form.cleaned_data["text"], private=private, received=received)
            return redirect_after_write(request, f"{found.get_absolute_url()}#story")
        status = 413 if refused.status == 413 else refused.status
    return page_of(request, found, actor, status, note_form=form)


@login_required
@require_POST
def follow(request: HttpRequest, reference: str) -> HttpResponse:
    """Follow it, or follow it no longer."""
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    me = request.user
    if any(one.user_id == actor.id for one in queries.watchers(found)):
        operations.unwatch(found, actor=actor, user=me)  # type: ignore[arg-type]  # signed in
    else:
        operations.watch(found, actor=actor)
    return redirect_after_write(request, found.get_absolute_url())
