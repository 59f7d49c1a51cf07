"""What stands behind a promise: operational agreements and contracts, whose times are taken one after the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from catalog.agreements.models import METRICS, Agreement
from catalog.agreements.queries.listing import newest_version, rank

_CONDITIONS = ("offering_id", "priority")


@dataclass(frozen=True, slots=True)
class Behind:
    """Of one metric: the minutes that are promised, and those of what stands behind, each by its name."""

    metric: str
    promised: int
    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """The minutes that they take together, one after the other."""
        return sum(minutes for _name, minutes in self.parts)

    @property
    def is_too_long(self) -> bool:
        """Whether they may take longer than what is promised, each keeping its word."""
        return self.total > self.promised


def standing_behind(agreement: Agreement, others: Iterable[Agreement], at: datetime) -> list[Behind]:
    """By metric that a service level agreement promises and others stand behind. `others`: all, by `agreements()`.

    Counted are those that hold at `at` and may be for one and the same record, of all records that of which most is
    counted; of several for the same party or team, which are alternatives, the longest. Minutes are compared as they
    count, whatever the calendars. No query.
    """
    if agreement.agreement_type != Agreement.Type.SLA:
        return []
    known = list(others)
    theirs = [one for one in known if _supports(one, at) and _may_meet(agreement, one)]
    services = {_service_of(one) for one in theirs} or {None}
    records = [
        [one for one in theirs if _service_of(one) in (None, service) and one.priority in (None, priority)]
        for service, priority in product(services, {one.priority for one in theirs} or {None})
        if service is None or not _is_beaten(agreement, service, known)
    ]
    promised = newest_version(agreement).targets
    found = [
        max((Behind(metric, promised[metric], _parts(each, metric)) for each in records), key=_total, default=None)
        for metric in METRICS
        if metric in promised
    ]
    return [one for one in found if one is not None and one.parts]


def _total(behind: Behind) -> int:
    return behind.total


def _is_beaten(agreement: Agreement, service: int, known: Sequence[Agreement]) -> bool:
    """Whether a narrower agreement holds for whatever is asked of this service."""
    return rank(agreement) > 2 and any(
        one.agreement_type == Agreement.Type.SLA
        and one.retired_at is None
        and one.service_id == service
        and not any((one.tier, one.team_id, one.priority, one.category, one.channel, one.valid_from, one.valid_until))
        for one in known
    )


def _supports(other: Agreement, at: datetime) -> bool:
    begun = other.valid_from is None or other.valid_from <= at
    lasts = other.valid_until is None or other.valid_until > at
    return other.agreement_type != Agreement.Type.SLA and other.retired_at is None and begun and lasts


def _may_meet(one: Agreement, other: Agreement) -> bool:
    """Whether a record could be for both: no condition of theirs excludes the other's."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in _CONDITIONS]
    pairs += [(_service_of(one), _service_of(other)), (_tier_of(one), _tier_of(other))]
    if any(here is not None and there is not None and here != there for here, there in pairs):
        return False
    if one.channel and other.channel and one.channel != other.channel:
        return False
    here, there = f"{one.category} / ", f"{other.category} / "
    return not (one.category and other.category) or here.startswith(there) or there.startswith(here)


def _service_of(agreement: Agreement) -> int | None:
    return agreement.offering.service_id if agreement.offering is not None else agreement.service_id


def _tier_of(agreement: Agreement) -> int | None:
    """The tier that its records have."""
    service = agreement.offering.service if agreement.offering is not None else agreement.service
    return agreement.tier if service is None else service.tier


def _parts(theirs: Sequence[Agreement], metric: str) -> tuple[tuple[str, int], ...]:
    longest: dict[tuple[int | None, str], tuple[str, int]] = {}
    for one in theirs:
        minutes = newest_version(one).targets.get(metric)
        who = (one.team_id, one.party) if one.team_id or one.party else (None, f"#{one.pk}")
        if minutes is not None and minutes > longest.get(who, ("", 0))[1]:
            longest[who] = (one.name, minutes)
    return tuple(longest.values())
