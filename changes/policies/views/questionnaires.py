"""Pages of a policy's questionnaire: its questions with their weights, and a worked example to try them on."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from changes.gate.policy import policy_from_json
from changes.gate.risk import graded
from changes.gate.vocabulary import Risk
from changes.policies import operations as policies
from changes.policies.formats.question_sheet import mark, plain_of, sheet_of, sheet_sent
from changes.policies.models import GatePolicy
from changes.policies.permissions import policy_keepers
from changes.policies.queries import visible_policies
from changes.policies.queries.grid import draft_of
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.kernel.errors import InvalidInput, StaleVersion, WrongState
from itsm.ui.htmx import redirect_after_write, render_partial, version_posted

_RISKS = {Risk.LOW: gettext_lazy("low"), Risk.MEDIUM: gettext_lazy("medium"), Risk.HIGH: gettext_lazy("high")}


@login_required
def questionnaire(request: HttpRequest, pk: int) -> HttpResponse:
    """What a policy asks; of a draft it is edited here."""
    may = staff if request.method == "GET" else policy_keepers
    actor = actor_permitted(request, may, _("Change managers, people, write and propose policies."))
    found = get_object_or_404(visible_policies(actor), pk=pk)
    sheet, refusal, status = sheet_of(found.content.get("questionnaire")), "", 200
    if request.method == "POST":
        sheet = sheet_sent(request.POST)
        try:
            policies.edit_questionnaire(found, plain_of(sheet), actor=actor, version=version_posted(request))
            messages.success(request, _("Kept: it is a draft, and asks nobody yet."))
            return redirect_after_write(request, request.path)
        except InvalidInput as refused:
            mark(sheet, refused.errors)
            refusal, status = _("It is not kept: see what is marked."), refused.status
        except (StaleVersion, WrongState) as refused_whole:
            refusal, status = refused_whole.detail, refused_whole.status
    context = {
        "policy": found, "sheet": sheet, "refusal": refusal, "may_edit": policy_keepers(actor) and draft_of(found),
        **_example(found, {}),
    }  # fmt: skip
    return render(request, "changes/policies/questionnaire.html", context, status=status)


@login_required
@require_GET
def tried(request: HttpRequest, pk: int) -> HttpResponse:
    """A worked example: these answers, what else they lead to, and the risk that they make."""
    actor = actor_permitted(request, staff, _("Policies are for people who work here."))
    found = get_object_or_404(visible_policies(actor), pk=pk)
    said = {name.removeprefix("try-"): request.GET[name][:200] for name in request.GET if name.startswith("try-")}
    context = {"policy": found, **_example(found, said)}
    return render_partial(
        request, "changes/policies/partials/worked_example.html", context, title=_("A worked example")
    )


def _example(found: GatePolicy, said: dict[str, str]) -> dict[str, Any]:
    """`lines`: (question, what was answered, its weight or None); nothing for a policy that asks nothing."""
    asks = policy_from_json(found.content).questionnaire
    if asks is None:
        return {"lines": []}
    lines = [
        (one, said.get(one.name, ""), one.weight_of(said.get(one.name))) for one in asks.asked(said, in_production=True)
    ]
    score = sum(weight or 0 for _question, _answer, weight in lines)
    is_open = any(weight is None for _question, _answer, weight in lines)
    risk = _RISKS[graded(score, asks.medium_from, asks.high_from)]
    return {"lines": lines, "score": score, "is_open": is_open, "risk": risk, "asks": asks}
