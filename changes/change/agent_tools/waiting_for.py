"""What one waits for, with who can say more and when it ends: other changes, incidents, who is on call."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from changes.change.models import Change
from changes.change.queries.change_context import FAILED_LATELY
from changes.change.vocabulary import OutcomeCode
from changes.change.workflow import Status
from incidents.incident.queries import by_reference
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.oncall.queries.duty import names_of
from itsm.oncall.queries.listing import on_call_rows
from slo.objectives.queries.held import holders_in_flight


class Other(NamedTuple):
    """Another change. `people`: user names of who can say when it is done; `ends`: None: nobody knows."""

    reference: str
    people: tuple[str, ...]
    ends: datetime | None


def in_the_way(references: Sequence[str]) -> list[Other]:
    """These changes, as far as they are changes. Everybody who works here sees every change. One query and one."""
    numbers = [number for one in references if (number := number_in(one, "CHG")) is not None]
    return _others(numbers)


def holders_of(service_id: int, environment: str, at: datetime) -> list[Other]:
    """The changes that hold a share of a budget there."""
    holders = holders_in_flight(service_id, environment, at)
    return _others([number for one in holders if (number := number_in(one, "CHG")) is not None])


def _others(numbers: Sequence[int]) -> list[Other]:
    rows = Change.objects.filter(pk__in=numbers).select_related("requested_by__owner", "implementer").order_by("pk")
    return [Other(one.reference, _people(one), _ends(one)) for one in rows]


def _people(change: Change) -> tuple[str, ...]:
    """Who carries it out, and who asked: of a program its owner."""
    asked = change.requested_by
    found: list[User | None] = [change.implementer, (asked.owner or asked) if asked is not None else None]
    return tuple(dict.fromkeys(one.username for one in found if one is not None and one.is_active))


def _ends(change: Change) -> datetime | None:
    if change.status == Status.SCHEDULED:
        return change.authorised_until
    if change.status == Status.REVIEWING:
        newest = change.deployments.order_by("-id").first()
        return newest.watched_until if newest is not None else None
    if change.outcome_code == OutcomeCode.UNSUCCESSFUL and change.finished_at is not None:
        return change.finished_at + FAILED_LATELY
    return change.window_end


def open_incidents(references: Sequence[str], eyes: Actor) -> list[str]:
    """User names of who works on these incidents, as far as the reader may see them."""
    found: list[str] = []
    for one in references:
        try:
            incident = by_reference(eyes, one)
        except NotFound:
            continue
        if incident.assigned_to is not None:
            found.append(incident.assigned_to.username)
    return list(dict.fromkeys(found))


def looks_after(service: str, eyes: Actor, at: datetime) -> list[str]:
    """User names of who is on call for a service now; empty where nothing says, or the reader may not see it."""
    try:
        rows = on_call_rows(eyes, at, service=service)
    except NotFound:
        return []
    people = [person for one in rows for person in one.duty.people]
    known = names_of(set(people))
    return list(dict.fromkeys(known[one].username for one in people if one in known))
