"""The record behind a notice: it must be there for who names it, and planned work of a change must be approved.

And what follows when the change moves: its public maintenance begins, ends, moves or is called off with it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from changes.change.queries.listing import by_reference as change_called
from incidents.incident.queries import by_reference as incident_called
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, WrongState
from itsm.statuspage.models import Maintenance
from itsm.statuspage.operations.maintenance import move_maintenance, reschedule
from itsm.statuspage.vocabulary import MaintenanceStatus

_APPROVED = ("scheduled", "running")
_CLOCK = Actor.system("Headroom")


def of_incident(text: str, actor: Actor) -> str:
    """The reference of an incident that the actor may see, "" for none. Raises InvalidInput."""
    if not text:
        return ""
    try:
        return str(incident_called(actor, text).reference)
    except NotFound as error:
        raise InvalidInput.about("internal", error.detail) from error


def of_maintenance(text: str, actor: Actor) -> str:
    """The reference of a change that is approved, "" for none. Raises InvalidInput, WrongState (not approved)."""
    if not text:
        return ""
    try:
        change = change_called(actor, text)
    except NotFound as error:
        raise InvalidInput.about("internal", error.detail) from error
    if change.status not in _APPROVED:
        sentence = gettext("%(change)s is not approved: the public is told of work that will take place.")
        raise WrongState(sentence % {"change": change.reference}, state=change.status)
    return str(change.reference)


def _of_change(reference: str, *states: str) -> list[Maintenance]:
    return list(Maintenance.objects.filter(internal=reference, status__in=states).order_by("pk"))


def change_began(reference: str, *, at: datetime) -> int:
    """Its planned maintenance is under way. How many. Raises nothing."""
    found = _of_change(reference, MaintenanceStatus.SCHEDULED)
    for one in found:
        move_maintenance(one, actor=_CLOCK, at=at, action="begin", body=gettext("The work has begun."))
    return len(found)


def change_ended(reference: str, *, at: datetime) -> int:
    """Its maintenance is over, however early. How many. Raises nothing."""
    found = _of_change(reference, MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING)
    for one in found:
        move_maintenance(one, actor=_CLOCK, at=at, action="complete", body=gettext("The work is completed."))
    return len(found)


def change_called_off(reference: str, *, at: datetime) -> int:
    """Its maintenance does not take place. How many. Raises nothing."""
    found = _of_change(
        reference, MaintenanceStatus.SCHEDULED, MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING
    )
    for one in found:
        move_maintenance(one, actor=_CLOCK, at=at, action="cancel", body=gettext("The work does not take place."))
    return len(found)


def change_planned(reference: str, *, starts_at: datetime | None, ends_at: datetime | None, at: datetime) -> int:
    """It was approved (again): its maintenance takes place in its window. How many moved. Raises nothing."""
    if starts_at is None or ends_at is None or ends_at <= max(starts_at, at):
        return 0
    moved = 0
    for one in _of_change(reference, MaintenanceStatus.SCHEDULED):
        if (one.starts_at, one.ends_at) != (starts_at, ends_at):
            reschedule(
                one, actor=_CLOCK, at=at, version=one.version, starts_at=starts_at, ends_at=ends_at,
                body=gettext("The work takes place at another time."),
            )  # fmt: skip
            moved += 1
    return moved


@transaction.atomic
def begin_when_due(number: int, at: datetime) -> None:
    """Its time has come; nothing where somebody was earlier or moved it. Raises nothing."""
    for one in Maintenance.objects.filter(
        pk=number, status=MaintenanceStatus.SCHEDULED, internal="", starts_at__lte=at
    ):
        move_maintenance(one, actor=_CLOCK, at=at, action="begin", body=gettext("The work has begun."))


@transaction.atomic
def end_when_due(number: int, at: datetime) -> None:
    """Its time is over; what never began is over too. Raises nothing."""
    begin_when_due(number, at)
    under_way = (MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING)
    for one in Maintenance.objects.filter(pk=number, status__in=under_way, internal="", ends_at__lte=at):
        move_maintenance(one, actor=_CLOCK, at=at, action="complete", body=gettext("The work is completed."))
