"""Pages of rules: their order, the editor with what it would find, and the dry run."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.assignment import filter_words, operations, permissions, queries
from itsm.assignment.forms import RuleForm, TrialForm, as_typed
from itsm.assignment.kinds import kind_of, known
from itsm.assignment.models import Rule
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial

_SHOWN = 100


@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """All that the reader may know, in the order in which they are asked."""
    actor = _reader(request)
    found = queries.rules(actor)
    rows = [(rule, filter_words.in_words(kind_of(rule.record_kind), rule.filter)) for rule in found]
    context = {
        "rows": rows, "may_make": permissions.makers(actor), "may_order": permissions.rules_administrators(actor),
    }  # fmt: skip
    return render(request, "assignment/list.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = _maker(request)
    form = RuleForm(actor, posted(request), initial={"filter": request.GET.get("filter", "")[:2000]})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.create_rule(actor=actor, **form.said())
            return redirect_after_write(request, reverse("rules:list"))
        status = refused.status
    return _editor(request, actor, form, status=status)


@login_required
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule; who keeps it edits it here."""
    actor = _reader(request)
    found = _found(actor, pk)
    may_keep = permissions.keepers(actor, found)
    if request.method == "POST" and not may_keep:
        raise NotPermitted(_("%(actor)s does not keep this rule.") % {"actor": actor.name})
    form = RuleForm(actor, posted(request), initial=as_typed(found))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_rule(found, actor=actor, version=form.cleaned_data["version"], **form.said())
            messages.success(request, _("It holds for what comes from now on; it moves nothing that is there."))
            return redirect_after_write(request, reverse("rules:list"))
        status = refused.status
    return _editor(request, actor, form, rule=found, may_keep=may_keep, status=status)


def _editor(
    request: HttpRequest, actor: Actor, form: RuleForm, *, rule: Rule | None = None, may_keep: bool = True, status: int
) -> HttpResponse:
    kind = kind_of(rule.record_kind if rule else known()[0])
    context = {"form": form, "rule": rule, "may_keep": may_keep, "terms": kind.offered(actor)}
    return render(request, "assignment/rule.html", context, status=status)


@login_required
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    actor = actor_permitted(
        request, permissions.rules_administrators, _("Administrators say in which order rules are asked.")
    )
    found = _found(actor, pk)
    by = {"up": -1, "down": 1}.get(request.POST.get("to", ""))
    if by is None:
        raise InvalidInput(_("Say up or down."))
    shown = [one.pk for one in queries.rules(actor) if one.record_kind == found.record_kind]
    place = min(max(shown.index(found.pk) + by, 0), len(shown) - 1)
    operations.move_rule(found, actor=actor, to=Rule.objects.get(pk=shown[place]).position)
    return redirect_after_write(request, reverse("rules:list"))


@login_required
def matches(request: HttpRequest) -> HttpResponse:
    """How many of late a filter finds, or what is wrong with it: beside the box, while it is typed."""
    actor = _reader(request)
    try:
        count = queries.matching_count(actor, known()[0], request.GET.get("filter", "")[:2001])
    except InvalidInput as refusal:
        said = refusal.detail
    else:
        said = ngettext(
            "%(count)s incident of the last 90 days matches.", "%(count)s incidents of the last 90 days match.", count
        ) % {"count": count if count <= queries.MOST_TRIED else f"{queries.MOST_TRIED}+"}
    return render_partial(request, "assignment/partials/matches.html", {"said": said}, title=_("What a filter finds"))


@login_required
def dry_run(request: HttpRequest) -> HttpResponse:
    """What the rules would do, with incidents that are there or with one that is typed; nothing is written."""
    actor = _maker(request)
    form = TrialForm(request.GET or None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.GET and form.is_valid():
        with form_errors_from(form) as refused:
            context |= _tried(actor, form)
        status = refused.status if form.errors else 200
    return render(request, "assignment/dry_run.html", context, status=status)


def _tried(actor: Actor, form: TrialForm) -> dict[str, Any]:
    if values := form.values():
        record, steps = queries.tried_values(actor, known()[0], values)
        return {"record": record, "steps": steps}
    found = queries.tried(actor, known()[0], form.cleaned_data["query"])
    changed = [one for one in found if one.changes]
    return {"looked_at": len(found), "changed": len(changed), "tried": (changed or found)[:_SHOWN]}


def _found(actor: Actor, pk: int) -> Rule:
    for one in queries.rules(actor):
        if one.pk == pk:
            return one
    raise Http404


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, staff, _("Rules are for people who work here."))


def _maker(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.makers, _("Administrators and the leads of queues make rules."))
