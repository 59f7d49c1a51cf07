"""The clock of an item: from its last approval until it is over, standing still while the requester is asked."""

from datetime import datetime

from django.db import connection
from django.db.models import Min
from django.utils.translation import gettext

from catalog.agreements.queries import Subject, terms_for
from catalog.requests.models import NEVER, RequestItem
from catalog.requests.operations.telling import tell_of_clock
from catalog.requests.queries.answers import version_of
from catalog.requests.workflow import DELIVERED, ItemStatus
from itsm.clocks import operations as clocks
from itsm.clocks.algebra import State
from itsm.clocks.calendars import counted_by
from itsm.clocks.models import Clock
from itsm.clocks.owners import Owner, Reached
from itsm.clocks.terms import Terms
from itsm.clocks.wanted import Wanted
from itsm.notifications.sayings import saying as _

FULFIL = "fulfil"
_OVER_WITHOUT = {ItemStatus.CANCELLED: "cancelled", ItemStatus.SKIPPED: "skipped", ItemStatus.DECLINED: "declined"}


def follow_clock(item: RequestItem, *, at: datetime) -> None:
    """Bring its clock to where it wants it, in the transaction that moved it. Repeatable; raises nothing."""
    if item.approved_at is None:
        return
    clocks.follow(item.kind, item.pk, [wanted(item, _terms(item, at))], now=at)


def wanted(item: RequestItem, terms: Terms) -> Wanted:
    """How its clock should stand. Pure."""
    began = item.reopened_at or item.approved_at or item.since
    state, why = State.RUNNING, "resumed"
    if item.status == ItemStatus.WAITING:
        state, why = State.PAUSED, "asked_requester"
    elif item.status in DELIVERED:
        state, why = State.STOPPED, "fulfilled"
    elif item.status in _OVER_WITHOUT:
        state, why = State.VOID, _OVER_WITHOUT[ItemStatus(item.status)]
    began_why = "reopened" if item.reopened_at is not None else "approved"
    return Wanted(FULFIL, state, began, max(began, item.since), terms, why, began_why, "continue")


def _terms(item: RequestItem, at: datetime) -> Terms:
    """What it counts by: as it began; the agreement of its version or its service, else its expected time by the hours
    of its queue."""
    kept = Clock.objects.filter(record_kind=item.kind, record_id=item.pk, name=FULFIL).order_by("-cycle").first()
    if kept is not None:
        return Terms.from_json(kept.terms)
    version = version_of(item)
    service = version.service
    agreed = terms_for(
        Subject(
            service_id=version.service_id, tier=service.tier if service is not None else None, team_id=item.team_id,
            agreement_id=version.agreement_id,
        ),
        at, calendar_id=item.team.calendar_id,
    )  # fmt: skip
    found = agreed.terms.get(FULFIL, Terms())
    if found.target_s is not None or version.expected_hours is None:
        return found
    basis = counted_by(item.team.calendar_id, at)
    return Terms(
        version.expected_hours * 3600, basis.calendar, basis.calendar_version, basis.calendar_label,
        agreement_label=gettext("expected time of the item"),
    )  # fmt: skip


def lock(item_id: int) -> bool:
    """Hold an item and its request; whether it is there. Raises nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM catalog_request r JOIN catalog_requestitem i ON i.request_id = r.id WHERE i.id = %s"
            " FOR NO KEY UPDATE OF r",
            [item_id],
        )
        return cursor.fetchone() is not None


def due_moved(item_id: int, at: datetime | None) -> None:
    """Keep the earliest due of all its items on the request, beside its version. Raises nothing."""
    request_id = RequestItem.objects.filter(pk=item_id).values_list("request_id", flat=True).first()
    if request_id is None:
        return
    ids = RequestItem.objects.filter(request=request_id).values_list("pk", flat=True)
    running = Clock.objects.filter(record_kind=RequestItem.kind, record_id__in=list(ids), state=Clock.State.RUNNING)
    first = running.exclude(record_id=item_id).aggregate(first=Min("due_at"))["first"]
    due = min((one for one in (first, at) if one is not None), default=NEVER)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_request SET next_due = %(at)s WHERE id = %(id)s AND next_due <> %(at)s",
            {"id": request_id, "at": due},
        )


def reached(item_id: int, what: Reached) -> None:
    """Tell those who work on it of a warning or a breach. Raises nothing."""
    item = RequestItem.objects.select_related("request", "team").filter(pk=item_id).first()
    if item is None:
        return
    words = {"item": item.reference, "name": item.name, "share": what.threshold.removeprefix("warn_")}
    if what.threshold.startswith("warn_"):
        tell_of_clock(
            item, "request.sla_warned",
            _("%(item)s: %(share)s %% of its time is used: %(name)s") % words, at=what.at,
        )  # fmt: skip
    elif what.threshold == "breach":
        tell_of_clock(item, "request.sla_breached", _("%(item)s is overdue: %(name)s") % words, at=what.at)
    else:
        tell_of_clock(item, "request.sla_breached", _("%(item)s is still overdue: %(name)s") % words, at=what.at)


OWNER = Owner(lock, due_moved, reached)
