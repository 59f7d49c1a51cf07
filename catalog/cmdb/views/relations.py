"""Relating an item to another, and ending that."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from catalog.cmdb import operations, permissions
from catalog.cmdb.forms import EndForm, GroupForm, RelateForm
from catalog.cmdb.models import Group
from catalog.cmdb.queries.items import by_reference
from catalog.cmdb.queries.relations import members_of, visible_relations
from catalog.cmdb.views.reading import reader
from catalog.cmdb.views.record import author
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def relate(request: HttpRequest, reference: str) -> HttpResponse:
    """A form of its own, which the item's page opens as a dialog."""
    actor = author(request)
    found = by_reference(actor, reference)
    form = RelateForm(actor, posted(request), initial={"group": request.GET.get("group", "")[:63]})
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


@login_required
def group(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """What an item rests on together, and how many of it are enough; who may edit the item says so here."""
    actor = reader(request)
    found = by_reference(actor, reference)
    group = get_object_or_404(Group.objects.select_related("consumer"), consumer=found, pk=min(pk, 2**62))
    may_edit = permissions.group_editors(actor, group)
    if request.method == "POST" and not may_edit:
        raise NotPermitted(
            gettext("%(actor_name)s may not change this group; an owner team may.") % {"actor_name": actor.name}
        )
    begin = {name: getattr(group, name) for name in ("needs", "needs_share", "whole_below", "version")}
    form = GroupForm(posted(request), initial=begin)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            version, said = form.cleaned_data["version"], form.said()
            operations.edit_group(group, actor=actor, version=version, origin=form.origin, **said)
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    members, hidden = members_of(actor, group)
    context = {
        "form": form, "item": found, "group": group, "members": members, "hidden": hidden, "may_edit": may_edit,
    }  # fmt: skip
    return render(request, "catalog/cmdb/group.html", context, status=status)
