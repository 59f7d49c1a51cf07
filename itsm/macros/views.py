"""Pages of macros and templates: the list, one of each with its editor."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, NotPermitted
from itsm.macros import operations, permissions, templates
from itsm.macros.forms import ActionForm, MacroForm, TemplateForm, action_forms, template_typed
from itsm.macros.models import MAX_ACTIONS, Macro, Template
from itsm.macros.owners import editor_label, kinds, owner_of
from itsm.macros.placeholders import NAMES
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.colleagues, _("Macros are for people who work here."))


def _maker(request: HttpRequest) -> Actor:
    actor = _reader(request)
    if not permissions.contributors(actor):
        raise NotPermitted(_("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    return actor


def _kind() -> str:
    """The kind of record that the pages are about: the one that registered first."""
    if not kinds():
        raise Http404
    return kinds()[0]


@login_required
def macros(request: HttpRequest) -> HttpResponse:
    """What can be done to a record at once, and what new ones begin with."""
    actor = _reader(request)
    context = {
        "macros": permissions.seen_macros(actor).select_related("owner", "team"),
        "templates": permissions.seen_templates(actor).select_related("team"),
        "may_make": permissions.contributors(actor),
        "may_make_templates": permissions.template_makers(actor),
    }
    return render(request, "macros/list.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor, kind = _maker(request), _kind()
    data = posted(request)
    form = MacroForm(actor, data, initial={"share": Macro.Share.PERSON, "active": True})
    parts = action_forms(actor, owner_of(kind).choices(actor), MAX_ACTIONS, data=data)
    status = 200 if data is None else 422
    if data is not None and _all_valid(form, parts):
        with form_errors_from(form) as refused:
            made = operations.create_macro(actor=actor, record_kind=kind, actions=_actions(parts), **form.said())
            messages.success(request, _("%(name)s is in the menu of macros from now on.") % {"name": made.name})
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "macros/new.html", _editor(form, parts), status=status)


@login_required
def macro(request: HttpRequest, slug: str) -> HttpResponse:
    """One macro: what it does, and for who keeps it its editor."""
    actor = _reader(request)
    found = get_object_or_404(permissions.seen_macros(actor).select_related("owner", "team"), slug=slug)
    may_keep = permissions.may_keep(actor, found)
    if request.method == "POST" and not may_keep:
        raise NotPermitted(_("%(actor_name)s does not keep this macro.") % {"actor_name": actor.name})
    data = posted(request)
    form, choices = MacroForm(actor, data, initial=_as_typed(found)), owner_of(found.record_kind).choices(actor)
    parts = action_forms(actor, choices, MAX_ACTIONS, found.actions, data)
    status = 200 if data is None else 422
    if data is not None and _all_valid(form, parts):
        with form_errors_from(form) as refused:
            operations.edit_macro(
                found, actor=actor, version=version_posted(request), actions=_actions(parts), **form.said()
            )
            messages.success(request, _("It is as you wrote it from now on."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    said = [(one["kind"], one["value"], editor_label(choices, one["kind"], one["value"])) for one in found.actions]
    context = {**_editor(form, parts), "macro": found, "may_keep": may_keep, "actions": said}
    return render(request, "macros/macro.html", context, status=status)


def _as_typed(macro: Macro) -> dict[str, Any]:
    names = ("name", "share", "position", "active", "version", "queues")
    return {**{name: getattr(macro, name) for name in names}, "team": macro.team_id}


def _editor(form: MacroForm, parts: list[ActionForm]) -> dict[str, Any]:
    shown = [(part, bool(part["kind"].value()) or place == 0) for place, part in enumerate(parts)]
    return {"form": form, "parts": shown, "placeholders": NAMES.items()}


def _all_valid(form: MacroForm, parts: list[ActionForm]) -> bool:
    return all([form.is_valid(), *(part.is_valid() for part in parts)])


def _actions(parts: list[ActionForm]) -> list[dict[str, Any]]:
    return [action for part in parts if (action := part.action()) is not None]


@login_required
@require_POST
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    actor = _maker(request)
    found = get_object_or_404(permissions.seen_macros(actor), slug=slug)
    operations.delete_macro(found, actor=actor)
    messages.success(request, _("%(name)s is gone; what it did stays.") % {"name": found.name})
    return redirect_after_write(request, reverse("macros:list"))


@login_required
def try_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a macro would do to the record that is named: its page says so."""
    actor = _reader(request)
    found = get_object_or_404(permissions.seen_macros(actor), slug=slug)
    try:
        record = owner_of(found.record_kind).find(actor, request.GET.get("record", "").strip().upper())
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return redirect(found.get_absolute_url())
    return redirect(f"{record.get_absolute_url()}macro/{found.slug}/")


@login_required
def new_template(request: HttpRequest) -> HttpResponse:
    actor = _maker(request)
    if not permissions.template_makers(actor):
        raise NotPermitted(_("Templates of a team are kept by its leads, those for everybody by administrators."))
    return _template(request, actor, None)


@login_required
def template(request: HttpRequest, slug: str) -> HttpResponse:
    """One template: what it fills in, and for who keeps it its editor."""
    actor = _reader(request)
    return _template(request, actor, get_object_or_404(permissions.seen_templates(actor), slug=slug))


def _template(request: HttpRequest, actor: Actor, found: Template | None) -> HttpResponse:
    kind = found.record_kind if found is not None else _kind()
    choices = owner_of(kind).choices(actor)
    begun, kept = template_typed(found, choices) if found is not None else ({}, {})
    data = posted(request)
    form = TemplateForm(actor, choices, data, initial=begun, kept=kept)
    may_keep = found is None or permissions.may_keep_template(actor, found)
    if data is not None and not may_keep:
        raise NotPermitted(_("%(actor_name)s does not keep this template.") % {"actor_name": actor.name})
    status = 200 if data is None else 422
    if data is not None and form.is_valid():
        with form_errors_from(form) as refused:
            if found is None:
                found = templates.create_template(actor=actor, record_kind=kind, **form.said())
            else:
                templates.edit_template(found, actor=actor, version=version_posted(request), **form.said())
            messages.success(request, _("It is offered as you wrote it from now on."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    shown = templates.shown_values(found, actor) if found is not None and not may_keep else {}
    context = {"form": form, "template": found, "may_keep": may_keep, "shown": shown}
    return render(request, "macros/template.html", context, status=status)


@login_required
@require_POST
def delete_template(request: HttpRequest, slug: str) -> HttpResponse:
    actor = _maker(request)
    found = get_object_or_404(permissions.seen_templates(actor), slug=slug)
    templates.delete_template(found, actor=actor)
    messages.success(request, _("%(name)s is gone; what was opened with it stays.") % {"name": found.name})
    return redirect_after_write(request, reverse("macros:list"))
