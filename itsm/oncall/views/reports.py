"""The report of on-call: hours, nights, pages, fairness."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from itsm.oncall.reporting import MIN_PEOPLE, report
from itsm.oncall.views.reading import reader

CHOICES = (4, 13, 26)


@login_required
def on_call_report(request: HttpRequest) -> HttpResponse:
    """The last weeks (`?weeks=13`)."""
    actor = reader(request)
    weeks = next((number for number in CHOICES if request.GET.get("weeks") == str(number)), CHOICES[0])
    end = timezone.now()
    found = report(actor, end - timedelta(weeks=weeks), end)
    context = {"report": found, "weeks": weeks, "choices": CHOICES, "min_people": MIN_PEOPLE}
    return render(request, "oncall/report.html", context)
