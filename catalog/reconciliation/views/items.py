"""What sources say of one item: why each value holds, what it is made of, merging and splitting."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.cmdb.models import CI
from catalog.cmdb.permissions import item_editors
from catalog.cmdb.queries.items import by_reference
from catalog.reconciliation import operations, permissions
from catalog.reconciliation.queries.explained import explained, waiting_relations
from catalog.reconciliation.queries.listed import is_being_renewed
from catalog.reconciliation.views.reading import reader, why_posted
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.ui.htmx import redirect_after_write, render_partial


@login_required
def claims(request: HttpRequest, reference: str) -> HttpResponse:
    """All of it."""
    actor = reader(request)
    item = by_reference(actor, reference)
    context = {
        "item": item, "values": explained(item), "waiting": waiting_relations(item),
        "records": item.records.select_related("source").order_by("source__rank", "key"), **_rights(item, actor),
        "conflicts": item.conflicts.filter(state="open").select_related("record__source"),
        "being_renewed": is_being_renewed(item),
    }  # fmt: skip
    return render(request, "catalog/reconciliation/claims.html", context)


@login_required
def why(request: HttpRequest, reference: str) -> HttpResponse:
    """A part of the item's page: why one value (`key`) is what it is."""
    actor = reader(request)
    item = by_reference(actor, reference)
    context = {"item": item, "values": explained(item, request.GET.get("key", "")[:80] or "-"), **_rights(item, actor)}
    title = _("Why %(reference)s is so") % {"reference": item.reference}
    return render_partial(request, "catalog/reconciliation/partials/why.html", context, title=title, back=item)


@login_required
@require_POST
def pin(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """What holds is the word of people from now on; or sources are believed again."""
    actor = actor_of(request)
    item, key = by_reference(actor, reference), request.POST.get("key", "")[:80]
    (operations.pin if verb == "pin" else operations.unpin)(item, key, actor=actor)
    return redirect_after_write(request, _claims_of(item))


@login_required
@require_POST
def merge(request: HttpRequest, reference: str) -> HttpResponse:
    actor = _decider(request)
    item = by_reference(actor, reference)
    into = by_reference(actor, request.POST.get("into", "")[:20])
    survivor = operations.merge(item, into, actor=actor, why=why_posted(request))
    messages.success(request, _("Both are %(reference)s from now on.") % {"reference": survivor.reference})
    return redirect_after_write(request, _claims_of(survivor))


@login_required
@require_POST
def split(request: HttpRequest, reference: str) -> HttpResponse:
    """The records that were chosen speak of another thing."""
    actor = _decider(request)
    item = by_reference(actor, reference)
    chosen = [int(one) for one in request.POST.getlist("records") if one.isdecimal() and len(one) < 19]
    if not chosen:
        raise InvalidInput.about("records", _("Choose the records that speak of another thing."))
    records = list(item.records.filter(pk__in=chosen))
    parted = operations.split(item, records, actor=actor, why=why_posted(request))
    messages.success(request, _("They speak of %(reference)s now.") % {"reference": parted.reference})
    return redirect_after_write(request, _claims_of(parted))


def _decider(request: HttpRequest) -> Actor:
    """Who is here; before anything of what they send is looked at. Raises NotPermitted."""
    return actor_permitted(request, permissions.deciders, _("%(actor_name)s may not say what is one thing."))


def _claims_of(item: CI) -> str:
    return reverse("item_imports:claims", args=[item.reference])


def _rights(item: CI, actor: Actor) -> dict[str, Any]:
    may_pin = (actor.is_human or actor.is_system) and item_editors(actor, item)
    return {"may_pin": may_pin, "may_decide": permissions.deciders(actor)}
