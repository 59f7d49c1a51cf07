"""Pages of fields: those of a type of record, one field with its form and how it will look, purging it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.permissions import administrators
from itsm.audit.recording import timeline
from itsm.fields import operations, owners, queries
from itsm.fields.editor import FieldForm, as_typed
from itsm.fields.forms import add_inputs
from itsm.fields.models import Field
from itsm.fields.narrowing_form import NarrowingForm
from itsm.fields.vocabulary import Type
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


def _administrator(request: HttpRequest) -> Actor:
    """The actor, or NotPermitted for who may not change fields."""
    return actor_permitted(request, administrators, _("%(actor_name)s may not change fields."))


def _owner(request: HttpRequest) -> str:
    """The type of record that is asked for. InvalidInput for one that has no fields."""
    owner = request.GET.get("owner", owners.first())[:80]
    owners.owner_of(owner)
    return owner


def _preview(actor: Actor, fields: list[Field]) -> Form:
    """The inputs as they will appear; nothing of it is sent."""
    form = Form(auto_id="preview_%s")
    add_inputs(form, fields, actor=actor)
    return form


@login_required
def fields(request: HttpRequest) -> HttpResponse:
    actor = _administrator(request)
    owner = _owner(request)
    rows = queries.all_fields(owner)
    live = [one for one in rows if one.retired_at is None]
    context = {
        "owner": owner,
        "label": owners.owner_of(owner).label(owner),
        "owners": [(name, one.label(name)) for name, one in owners.known().items()],
        "fields": live,
        "retired": [one for one in rows if one.retired_at is not None],
        "most": operations.MAX_LIVE,
        "types": Type.choices,
        "preview": _preview(actor, live),
    }
    return render(request, "fields/list.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """First the type, then what it needs."""
    actor = _administrator(request)
    owner, type_ = _owner(request), request.GET.get("type", "")
    if type_ not in Type.values:
        context = {"owner": owner, "types": Type.choices}
        return render(request, "fields/choose.html", context)
    form = FieldForm(posted(request), initial={"type": type_}, type_=type_, owner=owner)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.add_field(actor=actor, owner=owner, **form.said())
            messages.success(request, _("It is in the form, the facts, REST and the filters from now on."))
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    shown: dict[str, Any] = {"owner": owner, "form": form, "type": Type(type_).label}
    return render(request, "fields/new.html", shown, status=status)


@login_required
def field(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _administrator(request)
    found = _found(pk)
    form = FieldForm(posted(request), initial=as_typed(found), field=found)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_field(found, actor=actor, **form.said())
            messages.success(request, _("Saved: it holds from now on."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    context: dict[str, Any] = {
        "field": found,
        "form": form,
        "preview": _preview(actor, [_found(pk)]),
        "events": activity(found, timeline(found), []),
        "holding": queries.holding(found),
        "tighter": found.narrowings.select_related("set"),
        "retired_options": [one for one in found.options.all() if one.retired_at is not None],
    }
    return render(request, "fields/field.html", context, status=status)


def _found(pk: int) -> Field:
    return get_object_or_404(Field.objects.select_related("set").prefetch_related("options"), pk=min(pk, 2**62))


@login_required
def narrow(request: HttpRequest, pk: int, owner: str) -> HttpResponse:
    """What an owner makes tighter of a field that it inherits."""
    actor = _administrator(request)
    owners.owner_of(owner)
    found = _found(pk)
    inherited, stood = operations.as_inherited(found, owner)
    form = NarrowingForm(inherited, stood, posted(request))
    status = 200 if request.method == "GET" else 422
    back = f"{reverse('fields:list')}?{urlencode({'owner': owner})}"
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.narrow_field(found, actor=actor, owner=owner, **form.said())
            messages.success(request, _("Saved: it holds from now on."))
            return redirect_after_write(request, back)
        status = refused.status
    label = owners.owner_of(owner).label(owner)
    origin = owners.owner_of(found.set.owner).label(found.set.owner)
    context = {"field": found, "owner": owner, "label": label, "origin": origin, "form": form, "back": back}
    return render(request, "fields/narrow.html", context, status=status)


@login_required
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    found = operations.retire(_found_by(request, pk), actor=actor_of(request))
    return redirect_after_write(request, found.get_absolute_url())


@login_required
@require_POST
def revive(request: HttpRequest, pk: int) -> HttpResponse:
    found = operations.revive(_found_by(request, pk), actor=actor_of(request))
    return redirect_after_write(request, found.get_absolute_url())


@login_required
@require_POST
def purge(request: HttpRequest, pk: int) -> HttpResponse:
    """Sent from the field's page, which says how many records will lose a value."""
    found = operations.purge(_found_by(request, pk), actor=actor_of(request))
    messages.success(request, _("Its values go now, some hundred records at a time; then the field itself."))
    return redirect_after_write(request, f"/fields/?owner={found.set.owner}")


def _found_by(request: HttpRequest, pk: int) -> Field:
    """The field, for administrators; NotPermitted before anything is looked up."""
    _administrator(request)
    return _found(pk)
