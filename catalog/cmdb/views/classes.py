"""Classes of items: the tree, one class with its fields, a new one. No deployment is needed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.cmdb import operations, permissions
from catalog.cmdb.forms import ClassForm
from catalog.cmdb.models import CIClass, RelationType
from catalog.cmdb.operations.classes import require_keeper
from catalog.cmdb.views.reading import reader
from itsm.accounts.actors import actor_of
from itsm.audit.recording import timeline
from itsm.fields.queries import all_fields
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def classes(request: HttpRequest) -> HttpResponse:
    actor = reader(request)
    found = CIClass.objects.annotate(item_count=Count("items"))
    context = {
        "classes": _as_tree(list(found)),
        "types": RelationType.objects.all(),
        "may_keep": permissions.class_keepers(actor),
    }
    return render(request, "catalog/cmdb/classes.html", context)


def _as_tree(found: list[CIClass]) -> list[dict[str, Any]]:
    """Each class after its parent, those beside each other by name; `indent`: a dash for each class above it."""
    names = {one.pk: str(one).lower() for one in found}
    ordered = sorted(found, key=lambda one: [names[pk] for pk in one.lineage])
    return [{"class": one, "indent": "–" * (len(one.lineage) - 1)} for one in ordered]


@login_required
def ci_class(request: HttpRequest, slug: str) -> HttpResponse:
    """A class with its fields; administrators edit it here."""
    actor = reader(request)
    found = get_object_or_404(CIClass.objects.select_related("parent"), slug=slug)
    may_keep = permissions.class_keepers(actor)
    form = ClassForm(posted(request), ci_class=found)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST":
        require_keeper(actor)
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_class(found, actor=actor, version=form.cleaned_data["version"], **form.said())
            messages.success(request, gettext("Saved: it holds from now on."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    above = {one.owner: one for one in CIClass.objects.filter(pk__in=found.lineage)}
    rows = [one for one in all_fields(found.owner) if one.retired_at is None]
    context = {
        "ci_class": found,
        "form": form,
        "own": [one for one in rows if one.set_id == found.field_set_id],
        "inherited": [(one, above.get(one.set.owner, "")) for one in rows if one.set_id != found.field_set_id],
        "may_keep": may_keep,
        "below": CIClass.objects.filter(parent=found),
        "events": activity(found, timeline(found), []),
    }
    return render(request, "catalog/cmdb/class.html", context, status=status)


@login_required
def new_class(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_keeper(actor)
    parent = CIClass.objects.filter(slug=request.GET.get("parent", "")[:40]).first()
    form = ClassForm(posted(request), initial={"parent": parent})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.add_class(actor=actor, **form.said())
            messages.success(request, gettext("Add its fields; its items can be added at once."))
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "catalog/cmdb/new_class.html", {"form": form}, status=status)


@login_required
@require_POST
def retire_class(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    require_keeper(actor)
    found = operations.retire_class(get_object_or_404(CIClass, slug=slug), actor=actor)
    return redirect_after_write(request, found.get_absolute_url())
