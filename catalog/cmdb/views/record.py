"""One item: what it is and why, what it is related to, its story; adding and editing one."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.cmdb import operations, permissions
from catalog.cmdb.forms import ExplainForm, IdentifiersForm, ItemForm
from catalog.cmdb.models import CI, CIClass, History
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.operations.editing import require_editor
from catalog.cmdb.queries.classes import classes_to_add
from catalog.cmdb.queries.conditions import open_conditions
from catalog.cmdb.queries.fields import read_fields_of
from catalog.cmdb.queries.history import history_of, whys
from catalog.cmdb.queries.history_words import Words
from catalog.cmdb.queries.impact import impact, with_ways
from catalog.cmdb.queries.items import by_reference, unaccounted
from catalog.cmdb.queries.relations import of_item
from catalog.cmdb.views.reading import reader
from catalog.cmdb.workflow import WORKFLOW
from catalog.services.queries import visible_services
from catalog.services.queries.graph import snapshot
from itsm.accounts.actors import actor_permitted
from itsm.fields.facts import Fact, rows_of
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference as reference_of
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial
from itsm.ui.steps import offered, step_page

_EVENTS_SHOWN = 30
_UNACCOUNTED_SHOWN = 10
_RELATIONS_SHOWN = 200
_FELT_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A field with the row of the history that made it what it is; None where it never changed."""

    fact: Fact
    why: History | None


step = step_page(WORKFLOW, by_reference)


@login_required
def item(request: HttpRequest, reference: str) -> HttpResponse:
    actor = reader(request)
    found = by_reference(actor, reference)
    if found.merged_into is not None:
        return redirect(by_reference(actor, found.merged_into.reference).get_absolute_url())
    return render(request, "catalog/cmdb/item.html", _context(found, actor))


def _context(found: CI, actor: Actor) -> dict[str, Any]:
    read_fields_of(found.ci_class, actor)
    reasons = whys(found)
    events = list(history_of(found)[:_EVENTS_SHOWN])
    open_edits = list(unaccounted(found)[: _UNACCOUNTED_SHOWN + 1])
    words = Words(actor, found, [*events, *open_edits])
    facts = rows_of(found.ci_class.owner, found.attributes, actor, works_here=True)
    relations = list(of_item(actor, found)[: _RELATIONS_SHOWN + 1])
    may_edit = permissions.item_editors(actor, found)
    return {
        "item": found,
        "lines": [Line(one, reasons.get(f"attributes.{one.field.key}")) for one in facts if one.words],
        "empty_fields": [one.field.label for one in facts if not one.words],
        "relations": [_as_read(one, found) for one in relations[:_RELATIONS_SHOWN]],
        "more_relations": len(relations) > _RELATIONS_SHOWN,
        "identifiers": list(found.identifiers.all()),
        "events": [_told(one, words) for one in events],
        "open_edits": [_told(one, words) for one in open_edits[:_UNACCOUNTED_SHOWN]],
        "more_open_edits": len(open_edits) > _UNACCOUNTED_SHOWN,
        "may_edit": may_edit,
        "conditions": list(open_conditions(found)) if getattr(found, "is_reported", True) else [],
        "may_clear": permissions.condition_clearers(actor, found),
        "may_explain": permissions.explainers(actor),
        "steps": [] if getattr(found, "service_slug", None) else offered(found, actor, "cis:step"),
    }


def _as_read(relation: Any, found: CI) -> dict[str, Any]:
    """A relation from this item's side: the words, the other end."""
    out = relation.source_id == found.pk
    return {
        "relation": relation,
        "reading": str(relation.type) if out else relation.type.backwards,
        "other": relation.target if out else relation.source,
        "strength": relation.strength or relation.type.strength,
        "flows": relation.type.flows != "none",
    }


def _told(row: History, words: Words) -> dict[str, Any]:
    """A row of the history with its values as this reader may see them."""
    return {
        "row": row,
        "key": row.key,
        "label": words.label(row),
        "before": words.value(row, row.before),
        "after": words.value(row, row.after),
        "explanation": getattr(row, "explanation", None),
    }


@login_required
def history_for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """What was edited of a service, and what it was related to: a part of its page."""
    actor = reader(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    found = by_reference(actor, reference_of(PREFIX, service.pk))
    events = list(history_of(found)[:_EVENTS_SHOWN])
    words = Words(actor, found, events)
    context = {"events": [_told(one, words) for one in events], "whole": found}
    title = gettext("History of %(service)s") % {"service": service}
    return render_partial(request, "catalog/cmdb/partials/history.html", context, title=title, back=service)


@login_required
def if_it_fails(request: HttpRequest, reference: str) -> HttpResponse:
    """Who feels it when this item fails, services before all else: a part of its page."""
    actor = reader(request)
    found = by_reference(actor, reference)
    felt = impact(found, actor)
    of_services = snapshot().services
    services = [one for one in felt.found if one.item in of_services]
    shown = [*services, *(one for one in felt.found if one.item not in of_services)][:_FELT_SHOWN]
    context = {
        "item": found, "felt": felt, "rows": with_ways(felt.named(shown), actor), "services": len(services),
        "more": len(felt.found) - len(shown),
    }  # fmt: skip
    title = gettext("If it fails")
    return render_partial(request, "catalog/cmdb/partials/if_it_fails.html", context, title=title, back=found)


def author(request: HttpRequest) -> Actor:
    """The actor, or NotPermitted for who adds no items."""
    return actor_permitted(request, permissions.item_authors, gettext("%(actor_name)s may not add items."))


def editable(request: HttpRequest, reference: str) -> tuple[Actor, CI]:
    """The actor and the item; NotPermitted for who may not edit it."""
    actor = author(request)
    found = by_reference(actor, reference)
    require_editor(found, actor)
    return actor, found


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """First the class, then what it needs."""
    actor = author(request)
    ci_class = CIClass.objects.filter(slug=request.GET.get("class", "")[:40], retired_at=None, abstract=False).first()
    if ci_class is None:
        return render(request, "catalog/cmdb/choose_class.html", {"classes": classes_to_add()})
    form = ItemForm(actor, ci_class, posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.open_item(actor=actor, ci_class=ci_class, **form.said())
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "catalog/cmdb/form.html", {"form": form, "ci_class": ci_class}, status=status)


@login_required
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    actor, found = editable(request, reference)
    form = ItemForm(actor, found.ci_class, posted(request), item=found)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_item(found, actor=actor, version=form.cleaned_data["version"], **form.said())
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    context = {"form": form, "ci_class": found.ci_class, "item": found}
    return render(request, "catalog/cmdb/form.html", context, status=status)


@login_required
def identifiers(request: HttpRequest, reference: str) -> HttpResponse:
    """What identifies an item, one a line."""
    actor, found = editable(request, reference)
    stand = "\n".join(f"{one.scheme} = {one.value}" for one in found.identifiers.all())
    begin = {"identifiers": stand, "version": found.version}
    form = IdentifiersForm(posted(request), initial=begin)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.set_identifiers(
                found, form.cleaned_data["identifiers"], actor=actor, version=form.cleaned_data["version"],
                origin=form.origin,
            )  # fmt: skip
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return render(request, "catalog/cmdb/identifiers.html", {"form": form, "item": found}, status=status)


@login_required
@require_POST
def explain(request: HttpRequest, reference: str, row: int) -> HttpResponse:
    """Account for an edit that no change covered, from the page of the item."""
    actor = reader(request)
    found = by_reference(actor, reference)
    history = get_object_or_404(history_of(found), pk=min(row, 2**62))
    form = ExplainForm(request.POST)
    if form.is_valid():
        with form_errors_from(form) as refused:
            change = form.cleaned_data["change"].strip().upper()
            operations.explain(history, actor=actor, why=form.cleaned_data["explanation"], change=change)
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    else:
        status = 422
    context = {**_context(found, actor), "explain_form": form, "explained": history.pk}
    return render(request, "catalog/cmdb/item.html", context, status=status)
