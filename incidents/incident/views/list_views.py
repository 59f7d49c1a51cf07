"""Saved views of the list: a query gets a name, columns and an order, becomes a tab, is changed or removed."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from incidents.incident import permissions
from incidents.incident.filters import GROUPS, Reading, narrowed, offered_terms, terms_of, why_none
from incidents.incident.forms.list_views import ColumnsForm, ViewForm
from incidents.incident.models import Incident
from incidents.incident.views import columns, queue
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import at_most
from itsm.work import saved_views
from itsm.work.grammar import pairs_of
from itsm.work.models import View

_MOST_COUNTED = 99
_SAID = ("name", "query", "sort", "layout", "group_by", "share", "team", "version")


@login_required
def save(request: HttpRequest) -> HttpResponse:
    """Name what the list shows; it becomes a tab of one's own at once."""
    actor = actor_permitted(request, permissions.contributors, _("%(actor_name)s may not save views."))
    given: dict[str, Any] = {"layout": View.Layout.LIST}
    given |= {name: request.GET[name] for name in ("query", "sort") if name in request.GET}
    form = _form(actor, request, given, columns.USUAL)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            view = saved_views.save_view(actor=actor, record_kind=Incident.kind, **form.said())
            saved_views.pin(view, actor=actor)
            return redirect_after_write(request, _address(view))
        status = refused.status
    return _page(request, actor, form, None, status)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a view that one keeps, or save what it says now as another one."""
    actor = actor_of(request)
    view = saved_views.view_named(actor, Incident.kind, slug)
    if not permissions.contributors(actor):
        raise NotPermitted(_("%(actor_name)s may not save views.") % {"actor_name": actor.name})
    given = {name: getattr(view, name) for name in _SAID}
    form = _form(actor, request, given, view.columns or columns.USUAL)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            return redirect_after_write(request, _address(_kept(view, form, actor, as_new="as" in request.POST)))
        status = refused.status
    return _page(request, actor, form, view, status)


def _kept(view: View, form: ViewForm, actor: Actor, *, as_new: bool) -> View:
    if not as_new:
        return saved_views.edit_view(view, actor=actor, version=form.cleaned_data["version"], **form.said())
    made = saved_views.save_view(actor=actor, record_kind=Incident.kind, **form.said())
    return saved_views.pin(made, actor=actor)


def _form(actor: Actor, request: HttpRequest, given: dict[str, Any], chosen: Any) -> ViewForm:
    known = columns.columns_for(actor)
    return ViewForm(actor, queue.SORT_NAMES.items(), GROUPS.items(), known, chosen, posted(request), initial=given)


def _page(request: HttpRequest, actor: Actor, form: ViewForm, view: View | None, status: int) -> HttpResponse:
    may_keep = view is not None and saved_views.keepers(actor, view)
    query = str(form["query"].value() or "")
    context: dict[str, Any] = {"form": form, "view": view, "may_keep": may_keep, "now": rows_now(actor, query)}
    context["terms"] = offered_terms(actor)
    return render(request, "incidents/incident/save_view.html", context, status=status)


def rows_now(actor: Actor, query: str) -> str:
    """How many rows a query shows this reader now, in words; for one that says nothing usable, why."""
    try:
        terms, reading = terms_of(pairs_of(query)), Reading.by(actor)
        count = at_most(narrowed(Incident.objects.visible_to(actor), terms, reading), _MOST_COUNTED)
    except InvalidInput as refusal:
        return refusal.detail
    said = ngettext("%(count)s row now", "%(count)s rows now", count.number) % {"count": count}
    return why_none(terms, reading) or said


@login_required
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """While one writes a view's query: how many rows it shows now."""
    actor = actor_permitted(request, permissions.contributors, _("%(actor_name)s may not save views."))
    context = {"now": rows_now(actor, request.GET.get("query", "")[:2001])}
    return render(request, "incidents/incident/partials/rows_now.html", context)


@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Columns of one's own, for the list or for the view that the address names."""
    actor = actor_permitted(request, saved_views.pinners, _("%(actor_name)s has no tabs."))
    slug = request.GET.get("view", "")
    view = saved_views.view_named(actor, Incident.kind, slug) if slug else None
    own = saved_views.arranged_by(actor, Incident.kind).columns.get(view.pk if view else None)
    chosen = own or (view.columns if view else ()) or columns.USUAL
    form = ColumnsForm(columns.columns_for(actor), chosen, posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and ("usual" in request.POST or form.is_valid()):
        with form_errors_from(form) as refused:
            wanted = [] if "usual" in request.POST else form.columns()
            saved_views.choose_columns(Incident.kind, view, wanted, actor=actor)
            return redirect_after_write(request, _address(view) if view else reverse("incidents:list"))
        status = refused.status
    context = {"form": form, "view": view, "is_own": bool(own)}
    return render(request, "incidents/incident/columns.html", context, status=status)


@login_required
@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a view a tab, take the tab away, or remove the view: by the button that was used."""
    actor = actor_of(request)
    view = saved_views.view_named(actor, Incident.kind, slug)
    match request.POST.get("do"):
        case "pin":
            saved_views.pin(view, actor=actor)
        case "unpin":
            saved_views.unpin(view, actor=actor)
        case "delete":
            saved_views.delete_view(view, actor=actor)
            return redirect_after_write(request, reverse("incidents:list"))
        case _:
            raise InvalidInput(_("Say pin, unpin or delete."))
    return redirect_after_write(request, _address(view))


def _address(view: View) -> str:
    return f"{reverse('incidents:list')}?{urlencode({'view': view.slug})}"
