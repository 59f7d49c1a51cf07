"""Announcements: what is said to many, and the form to say it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from itsm.accounts import audiences
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.announcements import operations, queries
from itsm.announcements.models import Announcement
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.portal import permissions
from itsm.portal.forms import AnnouncementForm, EditAnnouncementForm, as_typed
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged


def _announcer(request: HttpRequest) -> Actor:
    said = _("The desk, service owners, change managers and administrators announce.")
    return actor_permitted(request, permissions.announcers, said)


@login_required
def announcements(request: HttpRequest) -> HttpResponse:
    """What was, is and will be said; others read what holds for them on the first page."""
    actor = actor_permitted(request, permissions.staff, _("What is announced to you stands on the first page."))
    now = timezone.now()
    context = {
        "page": paged(queries.visible(actor, now), request.GET), "now": now,
        "may_announce": permissions.announcers(actor),
    }  # fmt: skip
    return render(request, "portal/announcements.html", context)


@login_required
def announcement(request: HttpRequest, reference: str) -> HttpResponse:
    """One, as its reader may see it."""
    actor, now = actor_of(request), timezone.now()
    found = queries.by_reference(actor, reference, now)
    works_here = permissions.staff(actor)
    if found.service is not None and not audiences.sees(actor, found.service.audience):
        found.service = None
    context = {
        "announcement": found, "now": now, "runs": found.runs(now), "works_here": works_here,
        "may_announce": permissions.announcers(actor) and found.withdrawn_at is None,
        "seen_by": audiences.in_words(found.audience) if works_here else "",
        "events": activity(found, timeline(found)) if works_here else [],
    }  # fmt: skip
    return render(request, "portal/announcement.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor, now = _announcer(request), timezone.now()
    begun = {"starts_at": now, "ends_at": now + timedelta(days=7), "kind_of": Announcement.Kind.NEWS}
    form = AnnouncementForm(visible_services(actor), posted(request), initial=begun)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.publish(actor=actor, **form.cleaned_data)
            messages.success(request, _("It is announced."))
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "portal/announce.html", {"form": form}, status=status)


@login_required
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    actor = _announcer(request)
    found = queries.by_reference(actor, reference, timezone.now())
    form = EditAnnouncementForm(visible_services(actor), posted(request), initial=as_typed(found))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said: dict[str, Any] = form.cleaned_data
            operations.edit(found, actor=actor, **said)
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return render(request, "portal/announce.html", {"form": form, "announcement": found}, status=status)


@login_required
@require_POST
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    actor, now = _announcer(request), timezone.now()
    found = queries.by_reference(actor, reference, now)
    operations.withdraw(found, actor=actor, at=now)
    messages.success(request, _("It is said no longer."))
    return redirect(found)
