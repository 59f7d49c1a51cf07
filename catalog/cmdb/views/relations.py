"""Relating an item to another, and ending that."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from catalog.cmdb import operations, permissions
from catalog.cmdb.forms import EndForm, RelateForm
from catalog.cmdb.queries.items import by_reference
from catalog.cmdb.queries.relations import visible_relations
from catalog.cmdb.views.record import author
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def relate(request: HttpRequest, reference: str) -> HttpResponse:
    """A form of its own, which the item's page opens as a dialog."""
    actor = author(request)
    found = by_reference(actor, reference)
    form = RelateForm(actor, posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.relate(
                *form.ends(found), actor=actor, strength=form.cleaned_data["strength"],
                group=form.cleaned_data["group"], origin=form.origin,
            )  # fmt: skip
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return render(request, "catalog/cmdb/relate.html", {"form": form, "item": found}, status=status)


@login_required
def end(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Asks once, then the relation holds no longer."""
    actor = author(request)
    found = by_reference(actor, reference)
    rows = visible_relations(actor).select_related("source__ci_class", "target__ci_class", "type", "group")
    relation = get_object_or_404(rows.filter(ended_at=None), pk=min(pk, 2**62))
    if not permissions.relation_editors(actor, relation):
        raise NotPermitted(
            gettext("%(actor_name)s may not end this relation; an owner team may.") % {"actor_name": actor.name}
        )
    form = EndForm(posted(request), initial={"version": relation.version})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.end_relation(relation, actor=actor, version=form.cleaned_data["version"], origin=form.origin)
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    context = {"form": form, "item": found, "relation": relation}
    return render(request, "catalog/cmdb/end.html", context, status=status)
