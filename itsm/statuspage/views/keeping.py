"""Pages and components: the list, one page as it stands, their forms."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_permitted
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.notifications.web_addresses import our_address
from itsm.statuspage import permissions, queries
from itsm.statuspage.forms import ComponentForm, EditComponentForm, EditPageForm, PageForm
from itsm.statuspage.models import Component, StatusPage
from itsm.statuspage.operations import keeping, spans
from itsm.statuspage.vocabulary import State
from itsm.ui.activity import activity
from itsm.ui.htmx import done_or_told, form_errors_from, posted, redirect_after_write


def reader(request: HttpRequest) -> Actor:
    """Who works here."""
    return actor_permitted(request, permissions.readers, _("Status pages are kept by people who work here."))


def keeper(request: HttpRequest) -> Actor:
    """Who says what pages show."""
    said = _("Change managers and administrators say what a status page shows.")
    return actor_permitted(request, permissions.keepers, said)


def publisher(request: HttpRequest) -> Actor:
    """Who speaks to the public."""
    said = _("People of the desk, service owners and change managers speak to the public.")
    return actor_permitted(request, permissions.publishers, said)


@login_required
def pages(request: HttpRequest) -> HttpResponse:
    """All of them, each with how it stands."""
    actor, now = reader(request), timezone.now()
    rows = [(one, queries.standings(one, now) if one.retired_at is None else [])
            for one in queries.with_counts(queries.pages(actor))]  # fmt: skip
    return render(request, "statuspage/list.html", {"rows": rows, "may_keep": permissions.keepers(actor)})


@login_required
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """How it stands, what is open, what should perhaps be said."""
    actor, now = reader(request), timezone.now()
    found = queries.page_called(actor, slug)
    context = {
        "status_page": found, "now": now, "standings": queries.standings(found, now), "states": State.choices,
        "incidents": queries.incidents(actor).filter(page=found)[:20],
        "planned": queries.maintenance(actor).filter(page=found)[:20], "told": queries.subscriber_count(found),
        "may_keep": permissions.keepers(actor) and found.retired_at is None,
        "may_speak": permissions.publishers(actor) and found.retired_at is None,
        "public_url": our_address(f"/status/{found.slug}/"), "events": activity(found, timeline(found)),
    }  # fmt: skip
    return render(request, "statuspage/page.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = keeper(request)
    begun = {"zone": timezone.get_current_timezone_name(), "visibility": "public"}
    form = PageForm(posted(request), initial=begun)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            return _kept(request, keeping.create_page(actor=actor, **form.cleaned_data))
        status = refused.status
    return render(request, "statuspage/page_form.html", {"form": form}, status=status)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper(request)
    found = queries.page_called(actor, slug)
    held = {name: getattr(found, name) for name in ("name", "about", "visibility", "zone", "version")}
    form = EditPageForm(posted(request), initial=held)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            return _kept(request, keeping.edit_page(found, actor=actor, **form.cleaned_data))
        status = refused.status
    return render(request, "statuspage/page_form.html", {"form": form, "status_page": found}, status=status)


def _kept(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """To the page; where it got a key, that is shown first, this once."""
    key = getattr(page, "new_key", "")
    if not key:
        return redirect_after_write(request, page.get_absolute_url())
    shown = {"status_page": page, "address": our_address(f"/status/{page.slug}/~{key}/")}
    response = render(request, "statuspage/key.html", shown)
    response.made = page.get_absolute_url()  # type: ignore[attr-defined]
    return response


@login_required
@require_POST
def rekey(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper(request)
    return _kept(request, keeping.rekey_page(queries.page_called(actor, slug), actor=actor))


@login_required
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper(request)
    keeping.retire_page(queries.page_called(actor, slug), actor=actor, at=timezone.now())
    messages.success(request, _("Nobody reads it any longer. What was said stays here."))
    return redirect_after_write(request, reverse("statuspage:list"))


@login_required
def add_component(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper(request)
    found = queries.page_called(actor, slug)
    form = ComponentForm(visible_services(actor), posted(request))

    def told(status: int) -> HttpResponse:
        return render(request, "statuspage/component_form.html", {"form": form, "status_page": found}, status=status)

    if request.method != "POST":
        return told(200)
    return done_or_told(
        request, form, lambda: keeping.add_component(found, actor=actor, at=timezone.now(), **form.cleaned_data),
        found.get_absolute_url(), told,
    )  # fmt: skip


@login_required
def component(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    actor = keeper(request)
    found = _component(actor, slug, pk)
    names = ("name", "about", "group", "position", "objective", "version")
    held: dict[str, Any] = {name: getattr(found, name) for name in names} | {"service": found.service_id}
    form = EditComponentForm(visible_services(actor), posted(request), initial=held)

    def told(status: int) -> HttpResponse:
        context = {
            "form": form,
            "status_page": found.page,
            "component": found,
            "events": activity(found, timeline(found)),
        }
        return render(request, "statuspage/component_form.html", context, status=status)

    if request.method != "POST":
        return told(200)
    return done_or_told(
        request, form, lambda: keeping.edit_component(found, actor=actor, **form.cleaned_data),
        found.page.get_absolute_url(), told,
    )  # fmt: skip


@login_required
@require_POST
def retire_component(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    actor = keeper(request)
    found = _component(actor, slug, pk)
    keeping.retire_component(found, actor=actor, at=timezone.now())
    messages.success(request, _("It is shown no longer."))
    return redirect_after_write(request, found.page.get_absolute_url())


@login_required
@require_POST
def set_state(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """By hand, over what notices say; nothing chosen lets them say it again."""
    actor = publisher(request)
    found = _component(actor, slug, pk)
    spans.set_state(found, actor=actor, at=timezone.now(), state=request.POST.get("state", "")[:30])
    return redirect_after_write(request, found.page.get_absolute_url())


def _component(actor: Actor, slug: str, pk: int) -> Component:
    found = queries.components(actor).filter(page__slug=slug, pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such component."))
    return found
