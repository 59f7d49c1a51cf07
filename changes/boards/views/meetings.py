"""A meeting, live: the ranked agenda, the item that is looked at, votes as they are cast. Pages ask again."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from changes.boards import permissions
from changes.boards.forms import DecideForm, DeferForm, EarlierForm, MeetingForm, NoteForm
from changes.boards.models import Meeting, Minutes
from changes.boards.operations import agenda as deciding
from changes.boards.operations import meetings
from changes.boards.queries import pages
from changes.boards.queries.asks import ask_of_board
from changes.boards.queries.minutes_text import on_paper
from changes.boards.views.boards import reader
from changes.boards.views.voting import following, now_seen, take_vote, unsent_words, vote_form
from changes.boards.vocabulary import MeetingStatus
from changes.boards.workflow import MEETING
from changes.change.permissions import weighs_much
from changes.change.queries.pages import since_now
from itsm.accounts.step_up import ask_proof, is_asked, prove
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.voting import Outcome
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, redirect_after_write, render_partial, version_posted
from itsm.ui.steps import check_may


@login_required
@require_safe
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Who opens it while it is in session is there."""
    actor = reader(request)
    found = pages.meeting_numbered(pk)
    meetings.be_present(found, actor=actor, at=timezone.now())
    return _page(request, found, actor)


@login_required
@require_safe
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda and the votes again, without what somebody is writing; nothing where the page has them (`since`)."""
    actor = reader(request)
    found = pages.meeting_numbered(pk)
    now = timezone.now()
    meetings.be_present(found, actor=actor, at=now)
    if request.GET.get("since") == pages.mark_of(found, now):
        return HttpResponse(status=204)  # the page keeps what it shows
    context = pages.meeting_page(pages.meeting_numbered(pk), actor, _chosen(request), now)
    return render_partial(request, "changes/boards/partials/live.html", context, title=str(found), back=found)


def _page(
    request: HttpRequest, found: Meeting, actor: Actor, *, status: int = 200, chosen: int | None = None, **forms: Any
) -> HttpResponse:
    now = timezone.now()
    shown = pages.meeting_page(pages.meeting_numbered(found.pk), actor, chosen or _chosen(request), now)
    here = shown["here"]
    if here is not None:
        looked = since_now(here.change, now)
        seen = looked.mark if looked else ""
        shown |= {
            "since": looked,
            "vote_form": vote_form(here.ask, here.change, actor, seen, sent=forms.pop("vote_form", None)),
            "decide_form": DecideForm(initial={"item": here.ask.pk, "seen": seen}),
            "defer_form": DeferForm(pages.later_meetings(found), initial={"item": here.ask.pk}),
            "note_form": NoteForm(
                initial={"item": here.ask.pk, "notes": here.item.notes if here.item is not None else ""}
            ),
        }
        if weighs_much(here.change):
            ask_proof(shown["decide_form"], actor, required=False)
        for form in forms.values():  # what was news is shown on this very page
            now_seen(form, seen)
        if here.ask.status != ApprovalRequest.Status.OPEN:
            shown["unsent"] = unsent_words(shown["vote_form"], *forms.values())
    if found.status == MeetingStatus.PLANNED and permissions.planners(actor, found):
        when = {"starts_at": found.starts_at, "ends_at": found.ends_at}
        shown["move_form"] = MeetingForm(initial=when)
    if found.status == MeetingStatus.CANCELLED:
        shown["events"] = activity(found, list(timeline(found)))
    steps = shown["meeting"].workflow.open_to(actor, shown["meeting"])
    return render(request, "changes/boards/meeting.html", {**shown, "steps": steps, **forms}, status=status)


def _chosen(request: HttpRequest) -> int | None:
    sent = request.GET.get("item", "")
    return int(sent) if sent.isdecimal() and len(sent) < 19 else None


@login_required
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another time for a meeting that is planned."""
    actor = reader(request)
    found = pages.meeting_numbered(pk)
    if not permissions.planners(actor, found):
        raise NotPermitted(_("The chair of a board, or a change manager, plans its meetings."))
    form = MeetingForm(request.POST)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            version = version_posted(request)
            meetings.move_meeting(found, actor=actor, version=version, at=timezone.now(), **form.cleaned_data)
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return _page(request, found, actor, status=status, move_form=form)


@login_required
@require_POST
def step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Open, close or cancel it."""
    if action not in MEETING.operations:
        raise Http404
    actor = reader(request)
    found = pages.meeting_numbered(pk)
    taken = MEETING.steps[action]
    check_may(taken, actor, found)
    said = {words.name: request.POST.get(words.name, "")[: words.longest] for words in taken.words}
    MEETING.take(action, found, actor=actor, at=timezone.now(), version=None, **said)
    return redirect_after_write(request, found.get_absolute_url())


def _decide(found: Meeting, actor: Actor, item: int, **said: str) -> str:
    votes = deciding.close_item(found, ask_of_board(item), actor=actor, at=timezone.now(), **said)
    if votes.outcome is Outcome.ESCALATE:
        return _("Too few of this board may vote: the board above is asked.")
    return _("Closed: %(outcome)s.") % {"outcome": ApprovalRequest.Status(votes.outcome.value).label}


def _defer(found: Meeting, actor: Actor, item: int, to: Meeting, reason: str) -> str:
    deciding.defer(found, ask_of_board(item), actor=actor, to=to, reason=reason)
    return _("Put off to %(meeting)s.") % {"meeting": to}


def _note(found: Meeting, actor: Actor, item: int, notes: str) -> str:
    deciding.note(found, ask_of_board(item), actor=actor, notes=notes)
    return _("The notes are kept.")


def _earlier(found: Meeting, actor: Actor, item: int) -> str:
    if not deciding.take_earlier(found, actor=actor, item=item):
        return _("It is the first already.")
    return _("The agenda has another order; the minutes say so.")


_DOES: dict[str, Callable[..., str]] = {"decide": _decide, "defer": _defer, "note": _note, "earlier": _earlier}


@login_required
@require_POST
def item(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """What the chair does with an item: close it, put it off, write notes, take it a place earlier."""
    if action not in _DOES:
        raise Http404
    actor = reader(request)
    found = pages.meeting_numbered(pk)
    if not permissions.chairs(actor, found):
        raise NotPermitted(_("The chair leads the meeting."))
    later = pages.later_meetings(found)
    forms: dict[str, Any] = {
        "decide": DecideForm, "defer": partial(DeferForm, later), "note": NoteForm, "earlier": EarlierForm,
    }  # fmt: skip
    form = forms[action](request.POST)
    if action == "decide" and is_asked(request.POST):
        ask_proof(form, actor)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            actor = prove(request, actor, form.cleaned_data)
            messages.success(request, _DOES[action](found, actor, **form.cleaned_data))
            stays = f"?item={form.cleaned_data['item']}" if action in ("note", "earlier") else ""
            return redirect_after_write(request, found.get_absolute_url() + stays)
        status = refused.status
    chosen = form.cleaned_data.get("item") if hasattr(form, "cleaned_data") else None
    return _page(request, found, actor, status=status, chosen=chosen, **{f"{action}_form": form})


@login_required
@require_POST
def vote(request: HttpRequest, pk: int, ask: int) -> HttpResponse:
    """A vote from the page of a meeting; then the next item."""
    actor = reader(request)
    found, asked = pages.meeting_numbered(pk), ask_of_board(ask)
    deciding.may_be_heard(actor, asked.ask)
    if asked.ask.panel_id != found.board_id:
        raise NotFound(_("This item is not this board's."))
    sent = take_vote(request, asked, actor)
    if sent.status is not None:
        return _page(request, found, actor, status=sent.status, chosen=ask, vote_form=sent.form)
    messages.success(request, _("Your vote about %(change)s is counted.") % {"change": asked.change.reference})
    onward = following(request)
    return redirect_after_write(request, found.get_absolute_url() + (f"?item={onward}" if onward else ""))


@login_required
@require_safe
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes as a file of Markdown."""
    written = _minutes(request, pk)
    return _file(written, written.text, "md", "text/markdown; charset=utf-8")


@login_required
@require_safe
def minutes_as_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for people without an account here."""
    found = _minutes(request, pk)
    return _file(found, on_paper(found), "pdf", "application/pdf")


def _minutes(request: HttpRequest, pk: int) -> Minutes:
    reader(request)
    written: Minutes | None = getattr(pages.meeting_numbered(pk), "minutes", None)
    if written is None:
        raise NotFound(_("The minutes are written when the meeting closes."))
    return written


def _file(found: Minutes, content: str | bytes, ending: str, content_type: str) -> HttpResponse:
    name = f"minutes-{found.meeting.board.slug}-{found.meeting.starts_at:%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
