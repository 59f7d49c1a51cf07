"""Timeline and actions of one postmortem, changed on its page."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from incidents.postmortem import operations, queries
from incidents.postmortem.forms import ActionForm, EventForm, OutcomeForm
from incidents.postmortem.models import Postmortem, PostmortemAction, PostmortemEvent
from incidents.postmortem.operations.timeline import require_writes_in
from incidents.postmortem.views.record import page_of
from itsm.accounts.actors import actor_of
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui.htmx import done_or_told, redirect_after_write


def _done_or_told(
    request: HttpRequest, postmortem: Postmortem, actor: Actor, name: str, form: Form, do: Callable[[], object]
) -> HttpResponse:
    """What a form on this page asks for is done, and one is back there; else the page with what was typed."""
    part = "actions" if isinstance(form, ActionForm | OutcomeForm) else "timeline"
    return done_or_told(
        request, form, do, f"{postmortem.get_absolute_url()}#{part}",
        lambda status: page_of(request, postmortem, actor, status, **{name: form}),
    )  # fmt: skip


def _written_in(request: HttpRequest, reference: str) -> tuple[Actor, Postmortem]:
    actor = actor_of(request)
    postmortem = queries.by_reference(actor, reference)
    require_writes_in(actor, postmortem)
    return actor, postmortem


def _event(postmortem: Postmortem, event: int) -> PostmortemEvent:
    found = postmortem.events.filter(pk=event, removed=False).first()
    if found is None:
        raise Http404
    return found


def _action(postmortem: Postmortem, one: int) -> PostmortemAction:
    found = postmortem.actions.filter(pk=one).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_POST
def add_event(request: HttpRequest, reference: str) -> HttpResponse:
    """One more entry of the timeline."""
    actor, postmortem = _written_in(request, reference)
    form = EventForm(request.POST)
    return _done_or_told(
        request, postmortem, actor, "event_form", form,
        lambda: operations.add_event(postmortem, actor=actor, **form.cleaned_data),
    )  # fmt: skip


@login_required
@require_POST
def edit_event(request: HttpRequest, reference: str, event: int) -> HttpResponse:
    """Say it otherwise."""
    actor, postmortem = _written_in(request, reference)
    kept, form = _event(postmortem, event), EventForm(request.POST)
    return _done_or_told(
        request, postmortem, actor, "edited_event_form", form,
        lambda: operations.edit_event(postmortem, kept, actor=actor, **form.cleaned_data),
    )  # fmt: skip


@login_required
@require_POST
def remove_event(request: HttpRequest, reference: str, event: int) -> HttpResponse:
    """Take it out of the timeline."""
    actor, postmortem = _written_in(request, reference)
    operations.remove_event(postmortem, _event(postmortem, event), actor=actor)
    return redirect_after_write(request, f"{postmortem.get_absolute_url()}#timeline")


@login_required
@require_POST
def add_action(request: HttpRequest, reference: str) -> HttpResponse:
    """One more action."""
    actor, postmortem = _written_in(request, reference)
    form = ActionForm(request.POST)
    return _done_or_told(
        request, postmortem, actor, "action_form", form,
        lambda: operations.add_action(postmortem, actor=actor, **form.cleaned_data),
    )  # fmt: skip


@login_required
@require_POST
def edit_action(request: HttpRequest, reference: str, one: int) -> HttpResponse:
    """Change an action."""
    actor, postmortem = _written_in(request, reference)
    kept, form = _action(postmortem, one), ActionForm(request.POST)
    return _done_or_told(
        request, postmortem, actor, "edited_action_form", form,
        lambda: operations.edit_action(postmortem, kept, actor=actor, **form.cleaned_data),
    )  # fmt: skip


@login_required
@require_POST
def action(request: HttpRequest, reference: str, one: int, verb: str) -> HttpResponse:
    """Say that an action is done, take it up again, or take it away."""
    actor = actor_of(request)
    postmortem = queries.by_reference(actor, reference)
    kept = _action(postmortem, one)
    form = OutcomeForm(request.POST)
    verbs: dict[str, Callable[[], object]] = {
        "done": lambda: operations.finish_action(postmortem, kept, actor=actor, at=timezone.now(), **form.cleaned_data),
        "undone": lambda: operations.take_up_action(postmortem, kept, actor=actor),
        "remove": lambda: operations.remove_action(postmortem, kept, actor=actor),
    }
    if verb not in verbs:
        raise Http404
    return _done_or_told(request, postmortem, actor, "outcome_action_form", form, verbs[verb])
