"""Pages of calendars: the list, one with its month, its editor, and holidays that are brought in."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.api.middleware import takes_files
from itsm.calendars import operations, permissions, queries
from itsm.calendars.forms import USUAL_WEEK, CalendarForm, NewCalendarForm, as_typed, days_typed, import_form
from itsm.clocks.calendars import hours_in
from itsm.clocks.models import Calendar
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def calendars(request: HttpRequest) -> HttpResponse:
    """All of them, with what their weeks hold."""
    actor = _reader(request)
    held = [(one, queries.newest_version(one)) for one in queries.calendars()]
    rows = [(one, version, queries.runs_of(version.week)) for one, version in held]
    return render(
        request, "calendars/list.html", {"rows": rows, "may_keep": permissions.calendar_keepers(actor)}
    )  # fmt: skip


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = _keeper(request)
    form = NewCalendarForm(posted(request), initial={"zone": timezone.get_current_timezone_name(), **USUAL_WEEK})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.create_calendar(actor=actor, at=timezone.now(), **form.said())
            messages.success(request, _("%(name)s can be named by agreements from now on.") % {"name": made.name})
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "calendars/new.html", {"form": form}, status=status)


@login_required
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """One calendar with a picture of a month; administrators edit it here."""
    actor, found = _reader(request), _found(pk)
    if request.method == "POST":
        _keeper(request)
    form = CalendarForm(posted(request), initial=as_typed(queries.newest_version(found), found.version))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_calendar(found, actor=actor, at=timezone.now(), **form.said())
            messages.success(request, _("It holds from now on. Clocks that are still open are counted anew."))
            return redirect_after_write(request, reverse("calendars:detail", args=[pk]))
        status = refused.status
    return render(request, "calendars/detail.html", _context(request, found, actor, form), status=status)


@takes_files
@login_required
@require_POST
def bring_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Holidays of a country or a file, shown in the form before anything is saved."""
    actor, found = _keeper(request), _found(pk)
    held = queries.newest_version(found)
    asked = import_form(request.POST, request.FILES)
    form = CalendarForm(initial=as_typed(held, found.version))
    extra: dict[str, Any] = {"import_form": asked}
    if asked.is_valid():
        with form_errors_from(asked) as refused:
            read = operations.imported_days(held.days, **asked.said())
            form.initial["days"] = days_typed(read["days"])
            extra["read"] = read
            return render(request, "calendars/detail.html", {**_context(request, found, actor, form), **extra})
        status = refused.status
    else:
        status = 422
    return render(request, "calendars/detail.html", {**_context(request, found, actor, form), **extra}, status=status)


def _context(request: HttpRequest, found: Calendar, actor: Actor, form: CalendarForm) -> dict[str, Any]:
    held = queries.newest_version(found)
    shown = _month(request.GET.get("month", ""))
    last = date(shown.year - (shown.month == 1), (shown.month - 2) % 12 + 1, 1)
    following = date(shown.year + (shown.month == 12), shown.month % 12 + 1, 1)
    return {
        "calendar": found, "held": held, "form": form, "import_form": import_form(),
        "may_keep": permissions.calendar_keepers(actor), "month": shown, "last": last, "following": following,
        "weeks": queries.month_picture(hours_in(held), shown.year, shown.month),
        "versions": found.versions.order_by("-number")[:20],
    }  # fmt: skip


def _month(text: str) -> date:
    """The first of the month that is asked for, `2026-04`; this one where none is."""
    if not text:
        return timezone.localdate().replace(day=1)
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1) if 1970 < int(year) < 2200 else timezone.localdate().replace(day=1)
    except ValueError as error:
        raise Http404 from error


def _found(pk: int) -> Calendar:
    return get_object_or_404(queries.calendars(), pk=pk)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.calendar_readers, _("Calendars are for people who work here."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.calendar_keepers, _("Administrators keep the calendars."))
