"""What people's minutes went into, week by week, and what nobody had to do by hand."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from catalog.improvement.permissions import proposers
from incidents.toil.queries import MIN_APPROVALS, MOST_WEEKS, USUAL_WEEKS, toil, whole_weeks
from incidents.toil.rules import AROUND, MIN_PEOPLE
from incidents.toil.vocabulary import CAUSES
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.replica import may_be_old

_CHOICES = (USUAL_WEEKS, 13, 26, MOST_WEEKS - 1)


@login_required
@may_be_old
def report(request: HttpRequest) -> HttpResponse:
    """The last whole weeks (`?weeks=13`)."""
    actor = actor_permitted(request, staff, _("Reports are for people who work here."))
    wanted = next((number for number in _CHOICES if request.GET.get("weeks") == str(number)), USUAL_WEEKS)
    _first, last = whole_weeks(None, None)
    found = toil(last - timedelta(weeks=wanted), last)
    context = {
        "toil": found,
        "report": found.report,
        "rows": [(row, CAUSES[row.cause]) for row in found.report.rows],
        "around": [(CAUSES[cause], before, after) for cause, (before, after) in AROUND.items()],
        "choices": [(number, number == wanted) for number in _CHOICES],
        "min_people": MIN_PEOPLE,
        "min_approvals": MIN_APPROVALS,
        "may_propose": proposers(actor),
    }
    return render(request, "incidents/toil/report.html", context)
