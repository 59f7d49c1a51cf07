"""One change: the verdict is the page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.environments.queries import choices
from changes.change import permissions
from changes.change.forms import NoteForm, step_form
from changes.change.forms.content import EXPERIMENTS, PURPOSES
from changes.change.models import Change, Deployment
from changes.change.operations.editing import EDITABLE
from changes.change.operations.overriding import OPEN_TO_OVERRIDE, OVERRIDABLE
from changes.change.operations.review_reminders import waits_for
from changes.change.permissions import ecab_of
from changes.change.queries import listing, pages
from changes.change.queries.asking_again import asking_again
from changes.change.queries.outages import services_out
from changes.change.queries.told_items import tell_items
from changes.change.vocabulary import EXPERIMENT, ChangeClass
from changes.change.workflow import Status
from changes.gate.sentence_texts import NAMES
from itsm.accounts.actors import actor_of
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.step_up import ask_proof
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.workflow import Step
from itsm.ui.activity import activity
from itsm.ui.colours import word
from itsm.ui.htmx import form_errors_from, redirect_after_write, render_partial
from itsm.ui.steps import form_of
from itsm.work.linking import linked_to
from itsm.work.operations import add_note, notes_on
from slo.measuring.vocabulary import BUDGET_STATES

_MOST_OFFERED = 300
# Steps of the workflow that have a button of their own, what hurts last; what people decide has others.
_BUTTONS = ("start", "finish", "roll_back", "close", "submit", "cancel")


@login_required
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    return _page(request, change, actor)


def _page(request: HttpRequest, change: Change, actor: Actor, status: int = 200, **more: Any) -> HttpResponse:
    chosen, entries = request.GET.get("decision", ""), timeline(change)
    tell_items(entries, actor)
    record = pages.record(change, timezone.now(), int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None)
    context = {
        "change": change,
        "record": record,
        "stamp": pages.stamp(change),
        "purpose": gettext(NAMES.get(change.purpose, change.purpose)) if change.purpose else "",
        "judged": record.judged,
        "waiting_item": waits_for(change) if change.status == Status.REVIEWING else None,
        "ecab": ecab_of(change) if _waits_for_the_ecab(change) else None,
        "events": activity(change, entries, notes_on(change, with_private=permissions.staff(actor))),
        "note_form": NoteForm(),
        **_actions(change, record, actor),
        **_to_edit(change, actor),
        "services_out": services_out(change, actor) if change.outage_services else [],
        "links": linked_to(change, actor),
        **more,
    }
    return render(request, "changes/change/detail.html", context, status=status)


def _waits_for_the_ecab(change: Change) -> bool:
    return change.change_class == ChangeClass.EMERGENCY and bool(change.review_due_at) and not change.reviewed_at


def _actions(change: Change, record: pages.Record, actor: Actor) -> dict[str, Any]:
    """The buttons: answering the ask, and the open steps, each with its form."""
    ask = record.ask_for(change, actor)
    reason = pages.why_not(ask, change, actor)
    others = (action for action in change.workflow.operations if action not in _BUTTONS)
    shown = [*_BUTTONS[:-1], *others, _BUTTONS[-1]]
    steps = {step.action: step for step in change.workflow.open_to(actor, change) if step.action in shown}
    approve_form = step_form("approve")(
        initial={"seen": record.since.mark if record.since else "", "version": change.version}
    )
    if ask is not None and not reason and permissions.weighs_much(change):
        ask_proof(approve_form, actor)
    return {
        "ask": ask,
        "may_answer": ask is not None and not reason,
        "why_not": reason,
        "asking_again": asking_again(change, actor, timezone.now()) if record.evaluation else None,
        "approve_form": approve_form,
        "decline_form": step_form("decline")(initial={"version": change.version}),
        "steps": [{"step": steps[name], "form": _form(steps[name])} for name in shown if name in steps],
        "is_mine": actor.id in {change.requested_by_id, change.author_id, change.implementer_id},
        "may_judge": record.is_waiting and permissions.concerned(actor, change),
        "running": next((one for one in record.deployments if one.status == Deployment.Status.STARTED), None),
        "works_here": permissions.staff(actor),
        "may_override": _may_override(change, record, actor),
        "may_attest": record.is_waiting and permissions.may_attest(actor, change),
        "still_planned": EDITABLE,
        "may_answer_questions": _may_answer_questions(change, record, actor),
    }


def _may_override(change: Change, record: pages.Record, actor: Actor) -> bool:
    """Whether to offer it; the page behind it says when it cannot be had after all."""
    held = record.evaluation is not None and record.evaluation.status in OVERRIDABLE
    return held and change.status in OPEN_TO_OVERRIDE and permissions.override_authorities(actor, change)


def _to_edit(change: Change, actor: Actor) -> dict[str, Any]:
    """What its facts offer to choose from, where this reader may edit it now."""
    may_edit = permissions.requesters(actor, change) and change.status in EDITABLE
    if not may_edit:
        return {"may_edit": False}
    purposes = EXPERIMENTS if change.purpose == EXPERIMENT else PURPOSES
    people = [(one.username, str(one)) for one in assignable()[:_MOST_OFFERED]]
    if change.implementer and change.implementer.username not in dict(people):
        people.append((change.implementer.username, str(change.implementer)))
    return {"may_edit": True, "environments": choices(), "purposes": purposes, "people": people}


def _may_answer_questions(change: Change, record: pages.Record, actor: Actor) -> bool:
    """Whether the policy that it was judged by last asks something that this reader may answer."""
    asks = record.judged is not None and record.judged.policy.questionnaire is not None
    standard = change.change_class == ChangeClass.STANDARD
    return asks and not standard and change.status in EDITABLE and permissions.requesters(actor, change)


def _form(step: Step) -> Form:
    """The step's own form; what has none here is drawn from its row."""
    return (step_form(step.action) if step.action in _BUTTONS else form_of(step))()


@login_required
def news(request: HttpRequest, reference: str) -> HttpResponse:
    """Asked every while by an open page: nothing (204), or a line that says that the change has moved."""
    change = listing.by_reference(actor_of(request), reference)
    if request.GET.get("seen", "") == pages.stamp(change):
        return HttpResponse(status=204)
    return render_partial(request, "changes/change/partials/news.html", {"change": change}, title=change.summary)


@login_required
def reach(request: HttpRequest, reference: str, decision: int) -> JsonResponse:
    """The picture of the services that this change touches, as that decision saw them."""
    change = listing.by_reference(actor_of(request), reference)
    judged = pages.opened(get_object_or_404(change.decisions.select_related("policy"), pk=decision))
    nodes, arrows = pages.reach_picture(judged)
    shown = [
        {
            "id": node["slug"],
            "label": node["name"],
            "tone": word(BUDGET_STATES, node["state"])[1] if node["state"] else "",
            "url": reverse("cis:detail" if node["slug"].startswith("CI-") else "catalog:detail", args=[node["slug"]]),
            "here": node["here"],
        }
        for node in nodes
    ]
    return JsonResponse({"nodes": shown, "edges": [{"from": one, "to": on} for one, on in arrows]})


@login_required
@require_POST
def note(request: HttpRequest, reference: str) -> HttpResponse:
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    form = NoteForm(request.POST)
    if form.is_valid():
        with form_errors_from(form):
            add_note(change, actor=actor, text=form.cleaned_data["text"], private=permissions.staff(actor))
            return redirect_after_write(request, f"{change.get_absolute_url()}#story")
    return _page(request, change, actor, 422, note_form=form)
