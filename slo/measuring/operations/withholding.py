"""Minutes that would make a budget better than what was recorded wait for another person.

The caller holds the indicator's lock, so what is read here still stands when the rest is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from itsm.approvals.confirming import Difference, amend, propose
from itsm.approvals.models import Confirmation
from itsm.approvals.queries import waiting_about
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.ui.figures import exact
from slo.engine.better_minutes import Sorted, might_be_better, sort_minutes
from slo.engine.prefix import Counts, by_hour, minutes_of
from slo.engine.samples import epoch_minute, instant_of
from slo.measuring.models import Indicator
from slo.measuring.operations.dependents import FedObjective, dependents
from slo.measuring.operations.hours import read_hours
from slo.measuring.operations.quarantine import mean_total
from slo.measuring.operations.series import raw_series
from slo.measuring.queries.measurers import others_measure, persons_behind_indicator

BETTER_MINUTES = "slo: set better minutes"
MAX_WAITING = 50_000


def weighed(indicator: Indicator, minutes: Mapping[int, Counts], *, actor: Actor, at: datetime) -> Sorted:
    """Which of these minutes may be set at once. One query where all of them are new and punctual. Raises nothing."""
    now, stored = epoch_minute(at), stored_counts(indicator, minutes)
    if not might_be_better(stored, minutes, now):
        return Sorted(at_once=dict(minutes))
    objectives = dependents().fed_by(indicator.pk)
    if not objectives:  # nothing counts it
        return Sorted(at_once=dict(minutes))
    began = epoch_minute(indicator.created_at)
    standing = replace(
        dependents().standing(objectives, at),
        witnessed=others_measure(indicator.pk, actor, at),
        usual=mean_total(raw_series(indicator).pk),
    )
    return sort_minutes(stored, minutes, now=now, began=began, standing=standing)


def withhold(indicator: Indicator, held: Mapping[int, Counts], *, actor: Actor, at: datetime) -> Confirmation:
    """Propose these minutes: one proposal of each person for an indicator, which grows until it is decided.

    Raises NotPermitted, InvalidInput, and Conflict where too many minutes wait.
    """
    stored = stored_counts(indicator, held)
    known = (
        waiting_about(indicator)
        .filter(action=BETTER_MINUTES, person=actor.person_id)
        .select_for_update(no_key=True)
        .first()
    )
    wanted = {str(minute): _kept(counts, stored.get(minute)) for minute, counts in held.items()}
    whole = {**known.payload["minutes"], **wanted} if known else wanted
    if len(whole) > MAX_WAITING:
        raise Conflict(gettext("More than %(most)s minutes wait for another person; let these be decided first.")
                       % {"most": MAX_WAITING})  # fmt: skip
    payload = {"minutes": whole}
    objectives = dependents().fed_by(indicator.pk)
    words = {"count": len(whole), "indicator": indicator.slug}
    subject = gettext("Set minutes of %(indicator)s to better values (%(count)s)") % words
    differences = _differences(whole, objectives)
    if known is not None:
        return amend(known, actor=actor, at=at, subject=subject, payload=payload, differences=differences)
    teams = {one.service.team_id: one.service.team for one in objectives}
    return propose(
        indicator, actor=actor, at=at, action=BETTER_MINUTES, subject=subject, payload=payload, differences=differences,
        services=read_by_changes_of([one.service_id for one in objectives]),
        team=next(iter(teams.values())) if len(teams) == 1 else None, excluded=persons_behind_indicator(indicator.pk),
    )  # fmt: skip


def stored_counts(indicator: Indicator, minutes: Mapping[int, Counts]) -> dict[int, Counts]:
    """What these minutes hold so far, of those that were recorded."""
    wanted = by_hour(minutes)
    hours = read_hours(raw_series(indicator).pk, sorted(wanted))
    held = {hour * 60 + place: counts for hour, one in hours.items() for place, counts in minutes_of(one).items()}
    return {minute: held[minute] for minute in minutes if minute in held}


def _kept(counts: Counts, old: Counts | None) -> list[int | None]:
    return [counts.bad, counts.total, *(old or (None, None))]


def _differences(minutes: Mapping[str, list[int | None]], objectives: Sequence[FedObjective]) -> list[Difference]:
    new = [(row[0] or 0, row[1] or 0) for row in minutes.values()]
    old = [(row[2] or 0, row[3] or 0) for row in minutes.values()]
    first, last = instant_of(min(map(int, minutes))), instant_of(max(map(int, minutes)) + 1)
    recorded = sum(row[3] is not None for row in minutes.values())
    return [
        Difference(gettext("Period"), f"{exact(first)} – {exact(last)}", gettext("the same period")),
        Difference(gettext("Minutes recorded"), str(recorded), str(len(minutes))),
        Difference(gettext("Bad events in them"), _events(sum(b for b, _ in old)), _events(sum(b for b, _ in new))),
        Difference(gettext("All events in them"), _events(sum(t for _, t in old)), _events(sum(t for _, t in new))),
        *(Difference(gettext("Objective"), one.name, gettext("evaluated anew")) for one in objectives),
    ]


def _events(thousandths: int) -> str:
    return f"{thousandths / 1000:,.0f}" if thousandths % 1000 == 0 else f"{thousandths / 1000:,.3f}"
