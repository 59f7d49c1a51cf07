"""What was asked for lately, by item: volume, time to approve, time to fulfil."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.requests import permissions, queries
from itsm.accounts.actors import actor_permitted

SPANS = (7, 30, 90, 365)


@login_required
def report(request: HttpRequest) -> HttpResponse:
    """`?days=30`: of so many days, up to now."""
    actor = actor_permitted(request, permissions.staff, _("Reports are for people who work here."))
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in SPANS} else 30
    until = timezone.now()
    rows = queries.figures(actor, until - timedelta(days=days), until)
    context = {"rows": rows, "days": days, "spans": SPANS, "asked": sum(one.asked for one in rows)}
    return render(request, "catalog/requests/report.html", context)
