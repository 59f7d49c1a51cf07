"""Pages of policies: all of them, one as a grid, its cells edited, the whole as a file, its steps."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from changes.gate.vocabulary import Column, Row
from changes.policies import operations as policies
from changes.policies.formats.policy_files import policy_to_text
from changes.policies.forms import CellForm, NewPolicyForm, PolicyTextForm
from changes.policies.models import GatePolicy
from changes.policies.permissions import policy_keepers
from changes.policies.queries import visible_policies
from changes.policies.queries.authorities import authorities
from changes.policies.queries.grid import answer_choices, draft_of, grid, is_lapsed, others, ruling_content, writers
from changes.policies.vocabulary import COLUMNS, ROWS
from changes.policies.workflow import POLICY
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, StaleVersion, WrongState
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted
from itsm.ui.steps import offered, step_page

_MOST_SHOWN = 200


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, staff, _("Policies are for people who work here."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, policy_keepers, _("Change managers, people, write and propose policies."))


def _find(actor: Actor, reference: str) -> GatePolicy:
    number = reference.removeprefix("policy-")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    return get_object_or_404(visible_policies(actor), pk=pk)


step = step_page(POLICY, _find, weighs=frozenset({"activate"}))


@login_required
def policies_page(request: HttpRequest) -> HttpResponse:
    """Every policy, the newest first; change managers begin drafts here."""
    actor = _reader(request) if request.method == "GET" else _keeper(request)
    form = NewPolicyForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = policies.start_draft(
                actor=actor, at=timezone.now(), title=form.cleaned_data["title"],
                content=form.cleaned_data["content"] or None,
            )  # fmt: skip
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    rows = visible_policies(actor).defer("content")[:_MOST_SHOWN]
    context = {"policies": rows, "form": form, "may_keep": policy_keepers(actor)}
    return render(request, "changes/policies/policies.html", context, status=status)


@login_required
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One policy as a grid; a draft is edited in it."""
    actor = _reader(request) if request.method == "GET" else _keeper(request)
    found = get_object_or_404(visible_policies(actor), pk=pk)
    outcomes, wrong, refusal, status = {}, {}, "", 200
    if request.method == "POST":
        outcomes = {
            place: request.POST.get(f"cell-{place}", "")[:12]
            for place in (f"{row}.{column}" for row in ROWS for column in COLUMNS)
            if f"cell-{place}" in request.POST
        }
        table = found.content["table"]
        changed = {
            place: {"outcome": said}
            for place, said in outcomes.items()
            for row, _dot, column in [place.partition(".")]
            if said != table[row][column]["outcome"]
        }
        try:
            policies.edit_cells(found, changed, actor=actor, version=version_posted(request))
            messages.success(request, _("Kept: it is a draft, and rules nothing yet."))
            return redirect_after_write(request, found.get_absolute_url())
        except InvalidInput as refused:
            wrong, refusal, status = _by_place(refused), refused.detail, refused.status
        except (StaleVersion, WrongState) as refused_whole:
            refusal, status = refused_whole.detail, refused_whole.status
    beside = ruling_content()
    context = {
        "policy": found, "columns": COLUMNS.values(), "rows": grid(found.content, beside, outcomes, wrong),
        "others": others(found.content, beside), "writers": writers(found),
        "authorities": authorities(found.content, beside), "choices": answer_choices(),
        "is_lapsed": is_lapsed(found, timezone.now()), "refusal": refusal,
        "may_edit": policy_keepers(actor) and draft_of(found), "may_keep": policy_keepers(actor),
        "steps": offered(found, actor, "changes:policy_step"), "events": activity(found, list(timeline(found))),
    }  # fmt: skip
    return render(request, "changes/policies/policy.html", context, status=status)


def _by_place(refused: InvalidInput) -> dict[str, str]:
    told = {}
    for path, sentences in refused.errors.items():
        names = path.removeprefix("content.table.").split(".")
        if path.startswith("content.table.") and len(names) >= 2:
            told[".".join(names[:2])] = " ".join(one.partition(": ")[2] or one for one in sentences)
    return told


@login_required
def cell(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """One cell of a draft: needs, what holds otherwise, conditions, who decides."""
    actor = _keeper(request)
    found = get_object_or_404(visible_policies(actor), pk=pk)
    row, _dot, column = place.partition(".")
    known = found.content["table"].get(row, {}).get(column)
    if known is None:
        raise NotFound(_("There is no such cell."))
    initial = {name: known[name] or "" for name in ("outcome", "otherwise", "decider")}
    form = CellForm(posted(request), initial=initial | {name: known[name] for name in ("needs", "conditions")})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            try:
                policies.edit_cells(found, {place: form.cell()}, actor=actor, version=version_posted(request))
                return redirect_after_write(request, found.get_absolute_url())
            except InvalidInput as hole:
                raise InvalidInput(_by_place(hole).get(place, hole.detail)) from hole
        status = refused.status
    context = {"policy": found, "form": form, "row": ROWS[Row(row)], "column": COLUMNS[Column(column)]}
    return render(request, "changes/policies/cell.html", context, status=status)


@login_required
def policy_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole policy as YAML: to read, to take along, and of a draft to write."""
    actor = _reader(request) if request.method == "GET" else _keeper(request)
    found = get_object_or_404(visible_policies(actor), pk=pk)
    if request.GET.get("as") == "file":
        answer = HttpResponse(policy_to_text(found.content), content_type="application/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{found.reference}.yaml"'
        return answer
    initial: dict[str, Any] = {"title": found.title, "content": policy_to_text(found.content)}
    form = PolicyTextForm(posted(request), initial=initial)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            try:
                policies.edit_draft(found, actor=actor, version=version_posted(request), **form.cleaned_data)
                return redirect_after_write(request, found.get_absolute_url())
            except InvalidInput as holes:
                raise InvalidInput(
                    holes.detail, {"content": [one for told in holes.errors.values() for one in told]}
                ) from holes
        status = refused.status
    context = {
        "policy": found, "form": form, "text": initial["content"],
        "may_edit": policy_keepers(actor) and draft_of(found),
    }  # fmt: skip
    return render(request, "changes/policies/text.html", context, status=status)
