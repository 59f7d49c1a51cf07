"""One's feeds and the calendars of others, and the address that a feed is read at."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.services.queries import visible_services
from changes.calendar.workflow import WindowStatus
from changes.feeds.forms import FeedForm, SubscribeForm, TakeInForm
from changes.feeds.operations import issuing, subscribing
from changes.feeds.permissions import calendar_keepers, feed_owners, staff
from changes.feeds.queries import subscribed
from changes.feeds.queries.showing import feed_opened_by, feeds_of, text_of
from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, version_posted


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, staff, _("Feeds of the calendar are for people who work here."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, calendar_keepers, _("Change managers keep the calendar."))


@login_required
def feeds(request: HttpRequest) -> HttpResponse:
    """One's feeds, and a new one, whose address is shown this once; calendars of others for who keeps ours."""
    actor = _reader(request)
    form = FeedForm(visible_services(actor), posted(request))
    address, status = "", 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            _feed, token = issuing.issue_feed(actor=actor, at=timezone.now(), **form.cleaned_data)
            address, status = request.build_absolute_uri(f"/changes/calendar/feeds/{token}.ics"), 200
        status = status if address else refused.status
    return _page(request, actor, {"form": form, "address": address}, status)


@login_required
def subscribe(request: HttpRequest) -> HttpResponse:
    """A calendar of somebody else, by its address or as a file."""
    actor = _keeper(request)
    form = SubscribeForm(posted(request), request.FILES or None)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            subscribing.subscribe(actor=actor, at=timezone.now(), **form.said())
            messages.success(request, _("It was read. Nothing of it holds anybody before somebody takes it in."))
            return redirect("changes:feeds")
        status = refused.status
    return _page(request, actor, {"subscribe": form}, status)


def _page(request: HttpRequest, actor: Actor, context: dict[str, Any], status: int) -> HttpResponse:
    here = timezone.get_current_timezone_name()
    services = visible_services(actor)
    shown = {
        "form": FeedForm(services), "subscribe": SubscribeForm(initial={"zone": here}),
        "feeds": feeds_of(actor).filter(revoked_at=None), "calendars": subscribed.with_what_waits(),
        "may_keep": calendar_keepers(actor), "may_have": feed_owners(actor),
    }  # fmt: skip
    return render(request, "changes/feeds/feeds.html", shown | context, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _reader(request)
    feed = get_object_or_404(feeds_of(actor), pk=pk)
    issuing.revoke_feed(feed, actor=actor, version=version_posted(request), at=timezone.now())
    messages.success(request, _("Taken back: its address opens nothing any more."))
    return redirect("changes:feeds")


@login_required
@require_POST
def calendar_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """`read`: ask its address now. `end`: ask it no more."""
    actor = _keeper(request)
    calendar = get_object_or_404(subscribed.calendars(), pk=pk)
    if action == "read":
        read = subscribing.read_again(calendar, actor=actor, at=timezone.now())
        messages.info(request, read.trouble or _("It was read."))
    elif action == "end":
        subscribing.end_subscription(calendar, actor=actor, version=version_posted(request), at=timezone.now())
        messages.success(request, _("It is asked no more. What was taken in stays."))
    else:
        raise Http404
    return redirect("changes:feeds")


@login_required
@require_POST
def event_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """`dismiss` it."""
    actor = _keeper(request)
    event = get_object_or_404(subscribed.events(), pk=pk)
    if action != "dismiss":
        raise Http404
    subscribing.dismiss(event, actor=actor, version=version_posted(request))
    messages.success(request, _("Dismissed."))
    return redirect("changes:feeds")


@login_required
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an event in as a window of ours: as what, and for which changes."""
    actor = _keeper(request)
    event = get_object_or_404(subscribed.events(), pk=pk)
    if request.method == "GET" and event.window is not None:
        return redirect(event.window)
    form = TakeInForm(visible_services(actor), Team.objects.visible_to(actor), posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            taken = subscribing.take_in(
                event, actor=actor, version=version_posted(request), at=timezone.now(), **form.said()
            )
            if taken.window is not None and taken.window.status == WindowStatus.DRAFT:
                messages.info(request, _("It is a draft, and holds nothing yet: ask another change manager for it."))
                return redirect(taken.window)
            messages.success(request, _("“%(name)s” is in the calendar.") % {"name": taken.name})
            return redirect("changes:feeds")
        status = refused.status
    return render(request, "changes/feeds/take_in.html", {"form": form, "event": event}, status=status)


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed that this token opens, for programs that know nothing but its address; what opens none is not there."""
    found = feed_opened_by(token)
    if found is None:
        raise Http404
    answer = HttpResponse(text_of(found, timezone.now()), content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Content-Disposition"] = 'inline; filename="changes.ics"'
    return answer
