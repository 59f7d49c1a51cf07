"""Whose the budget was that burned in some minutes, from what is measured and known now."""

from dataclasses import dataclass

from catalog.services.queries import read_by_changes_of
from changes.change.models import Change
from changes.change.vocabulary import ChangeClass
from changes.ledger.rules import BEFORE_MINUTES, Active, MinuteRange, Settled, expected_of, share_out
from itsm.accounts.interest import natural_persons
from slo.objectives.queries.counted_minutes import Measured, confirmed_outages, counted_minutes, outage_spans


@dataclass(frozen=True, slots=True)
class Place:
    """Where changes and objectives meet."""

    service_id: int
    environment: str


def settled(objective: Measured, place: Place, minutes: MinuteRange, changes: list[tuple[int, MinuteRange]]) -> Settled:
    """Whose the excess of these minutes is, by what is measured now.

    `changes`: those that pay in them, with their whole windows. At most eight queries. Raises nothing.
    """
    first = min([minutes.first, *(window.first for _pk, window in changes)]) - BEFORE_MINUTES
    bad = counted_minutes(objective.pk, first, minutes.last)
    outages = [MinuteRange(*one) for one in outage_spans(objective.pk, first, minutes.last)]
    unasked = _unasked([pk for pk, _window in changes])
    active = [
        Active(pk, window, expected_of(window.first, bad, outages, objective.began), pk not in unasked)
        for pk, window in changes
    ]  # fmt: skip
    otherwise = expected_of(minutes.first, bad, outages, objective.began)
    return share_out(minutes, bad, active, otherwise, _upstream(place, minutes, [pk for pk, _window in changes]))


def _unasked(changes: list[int]) -> set[int]:
    """Those that went out without an authorisation. Alone a change pays whatever it is: nothing is asked."""
    if len(changes) < 2:
        return set()
    rows = Change.objects.filter(pk__in=changes, change_class=ChangeClass.UNAUTHORISED)
    return set(rows.values_list("pk", flat=True))


def _upstream(place: Place, minutes: MinuteRange, changes: list[int]) -> list[MinuteRange]:
    """Outages of what the service rests on, the cause of which people confirmed who have no part in its changes."""
    below = set(read_by_changes_of([place.service_id])) - {place.service_id}
    found = confirmed_outages(below, place.environment, minutes.first, minutes.last) if below else []
    if not found:
        return []
    asked = Change.objects.filter(pk__in=changes)
    accounts = {account for change in asked for account in change.interested}
    judged = accounts | natural_persons(accounts)
    return [
        MinuteRange(one.first, one.last)
        for one in found
        if not one.confirmed_by & judged and not natural_persons(one.confirmed_by) & judged
    ]
