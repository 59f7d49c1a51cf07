"""Moving a change: one page and one dialog for every step that a person takes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from changes.change import permissions
from changes.change.forms import ApproveForm, step_form
from changes.change.models import Change, Deployment
from changes.change.operations import asking, deploying, evaluating, people_decide
from changes.change.queries import listing, pages
from changes.change.workflow import NORMAL
from itsm.accounts.actors import actor_of
from itsm.accounts.step_up import ask_proof, prove
from itsm.approvals.views import waits
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted
from itsm.ui.steps import step_page

_Step = Callable[..., Any]


def _answer(decision: str) -> _Step:
    def answer(
        change: Change, *, actor: Actor, at: datetime, comment: str = "", seen: str = "", version: int | None = None
    ) -> Change:
        return people_decide.decide_by_person(
            change, actor=actor, decision=decision, comment=comment, at=at, seen=seen, version=version,
            version_required=True,
        )  # fmt: skip

    return answer


def _finish(status: str) -> _Step:
    def finish(change: Change, *, actor: Actor, at: datetime) -> Deployment:
        running = change.deployments.filter(status=Deployment.Status.STARTED).first()
        if running is None:
            raise WrongState(_("%(reference)s has no deployment that runs.") % {"reference": change.reference})
        return deploying.finish_deployment(running, actor=actor, status=status, at=at)

    return finish


def _start(change: Change, *, actor: Actor, at: datetime) -> Deployment:
    """The page names the artifact beside the button: that one is meant."""
    return deploying.start_deployment(change, actor=actor, at=at, artifact_digest=change.artifact_digest)


def _close(change: Change, *, actor: Actor, at: datetime, outcome_code: str, note: str) -> Change:
    return deploying.close(change, actor=actor, outcome_code=outcome_code, note=note)


# action -> (operation, button, what to say when it went well)
STEPS: dict[str, tuple[_Step, Any, Any]] = {
    "approve": (_answer("approve"), gettext_lazy("Approve"), gettext_lazy("You approved %s.")),
    "decline": (_answer("decline"), gettext_lazy("Decline"), gettext_lazy("You declined %s.")),
    "still": (_answer("approve"), gettext_lazy("It may still go"), gettext_lazy("%s may still go, on your word.")),
    "judge": (evaluating.evaluate_now, gettext_lazy("Judge again"), gettext_lazy("The gate has judged %s again.")),
    "submit": (asking.ask_again, gettext_lazy("Ask the gate again"), gettext_lazy("The gate has judged %s again.")),
    "start": (_start, gettext_lazy("Start deployment"), gettext_lazy("%s is running.")),
    "finish": (
        _finish(Deployment.Status.SUCCEEDED),
        gettext_lazy("It succeeded"),
        gettext_lazy("%s is finished and watched for 30 minutes."),
    ),
    "roll_back": (
        _finish(Deployment.Status.ROLLED_BACK),
        gettext_lazy("It was rolled back"),
        gettext_lazy("%s is rolled back."),
    ),
    "close": (_close, gettext_lazy("Close"), gettext_lazy("%s is closed.")),
    "cancel": (people_decide.cancel, gettext_lazy("Cancel change"), gettext_lazy("%s is cancelled.")),
}


# Who takes what is not by itself a step of the workflow.
_NO_STEP_OF_ITS_OWN: dict[str, Callable[[Actor, Change], bool]] = {
    **dict.fromkeys(("approve", "decline", "still"), people_decide.may_be_heard),
    "judge": permissions.concerned,
}


_drawn = step_page(NORMAL, listing.by_reference, waits)


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """GET asks for what the step needs; POST takes it. A dialog posts by htmx and gets its form back.

    A bare button has no form to come back to: what is refused becomes a page, or a toast.
    """
    if action not in STEPS:  # a row with its operation, and nothing of its own to say here
        return _drawn(request, reference, action)
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    _check_may(actor, change, action)
    form = step_form(action)(posted(request), initial={"version": change.version})
    if action in ("approve", "still") and permissions.weighs_much(change):
        form = ApproveForm(posted(request), initial={"version": change.version}) if action == "still" else form
        ask_proof(form, actor)
    if request.method == "POST" and action == "still" and not form.fields:
        shown = {"seen": request.POST.get("seen", ""), "version": version_posted(request)}
        return _taken(request, action, change, actor, **shown)
    if request.method == "POST" and not form.fields:
        return _taken(request, action, change, actor)
    status = 200 if request.method == "GET" else 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            actor = prove(request, actor, form.cleaned_data)
            return _taken(request, action, change, actor, **form.cleaned_data)
        status = refused.status
    template = "changes/change/partials/step_form.html" if request.htmx else "changes/change/step.html"  # type: ignore[attr-defined]
    context = {"change": change, "form": form, "action": action, "label": STEPS[action][1]}
    if action in ("approve", "still"):  # the news is shown, and what was shown is sent along
        context["since"] = looked = pages.since_now(change, timezone.now())
        _remember_shown(form, change, looked.mark if looked else "")
    return render(request, template, context, status=status)


def _remember_shown(form: Form, change: Change, mark: str) -> None:
    """The mark of the news that this answer shows, also in a form that comes back refused: the next try has seen it.

    The content is shown by the page alone: a form that comes back goes on naming what was read there.
    """
    form.initial.update(seen=mark)
    if form.is_bound:
        form.data = {**dict(form.data.items()), "seen": mark}


def _check_may(actor: Actor, change: Change, action: str) -> None:
    """Before anything that was sent, and the change's state, is looked at."""
    who = _NO_STEP_OF_ITS_OWN.get(action) or change.workflow.steps.get(action, NORMAL.steps[action]).who
    if not who(actor, change):
        said = {"name": actor.name, "do": action.replace("_", " "), "reference": change.reference}
        raise NotPermitted(_("%(name)s may not %(do)s %(reference)s.") % said)


def _taken(request: HttpRequest, action: str, change: Change, actor: Actor, **words: Any) -> HttpResponse:
    operation, _label, went = STEPS[action]
    operation(change, actor=actor, at=timezone.now(), **words)
    messages.success(request, went % change.reference)
    return redirect_after_write(request, change.get_absolute_url())
