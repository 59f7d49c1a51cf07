"""Sessions as administrators keep them: of one person, and of all who came in by one door."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from itsm.accounts import operations
from itsm.accounts.models import Session, User
from itsm.accounts.queries import listing
from itsm.people.views.people import keeper_of, tabs

_MOST = 200


@login_required
def of_person(request: HttpRequest, login: str) -> HttpResponse:
    """Where somebody is signed in. Sent: one session ends, or all."""
    actor = keeper_of(request)
    person = get_object_or_404(listing.people(actor).filter(account_type=User.AccountType.HUMAN), username=login)
    if request.method == "POST":
        only = request.POST.get("session", "")[:16]
        ended = operations.end_sessions(person, actor=actor, only=only or None)
        return _ended(request, ended, request.path)
    context = {"person": person, "sessions": _living().filter(user=person)[:_MOST]}
    return render(request, "people/sessions.html", context)


@login_required
def by_door(request: HttpRequest) -> HttpResponse:
    """How many are signed in by which door."""
    actor = keeper_of(request)
    doors = _living().filter(user__isnull=False).order_by().values("by")
    counted = doors.annotate(
        sessions=Count("pk"), people=Count("user", distinct=True), weak=Count("pk", filter=Q(strong=False)),
        last=Max("last_seen_at"),
    )  # fmt: skip
    context = {"doors": counted.order_by("by"), **tabs(actor, "doors")}
    return render(request, "people/doors.html", context)


@login_required
@require_POST
def end_door(request: HttpRequest) -> HttpResponse:
    """Everybody who came in by one door has to come in again."""
    ended = operations.end_sessions_by(request.POST.get("by", "")[:80], actor=keeper_of(request))
    return _ended(request, ended, "accounts:doors")


def _living() -> QuerySet[Session]:
    return Session.objects.filter(expires_at__gt=timezone.now())


def _ended(request: HttpRequest, ended: int, to: str) -> HttpResponse:
    sentence = ngettext("%(count)s session has ended.", "%(count)s sessions have ended.", ended)
    messages.success(request, sentence % {"count": ended})
    return redirect(to)
