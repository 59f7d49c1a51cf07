"""Taking measurements in: set, never added, and applied before the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from slo import policies
from slo.engine.prefix import Counts, Hour, Sums, by_hour, with_minutes
from slo.engine.samples import MOST_SAMPLES, Refusal, Sample, sifted
from slo.models import Indicator
from slo.operations.hours import Shift, move_later_bases, read_hours, write_hours


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many samples now stand as sent, and which were refused."""

    accepted: int
    refused: list[Refusal]


def record_samples(indicator: Indicator, samples: Sequence[Sample], *, actor: Actor, at: datetime) -> Recorded:
    """Set these minutes, in any order, up to 10,000, as old as 90 days before `at`.

    Sending a minute again replaces it; sending the same again changes nothing. Writers of one
    indicator take turns. Raises NotPermitted, Conflict (the indicator is pulled), InvalidInput (too many).
    """
    if not policies.senders(actor):
        raise NotPermitted(gettext("%(actor_name)s may not send measurements.") % {"actor_name": actor.name})
    if indicator.source != Indicator.Source.PUSH and not actor.is_system:
        raise Conflict(
            gettext("%(indicator_slug)s is pulled from Prometheus; it takes no other measurements.")
            % {"indicator_slug": indicator.slug}
        )
    if len(samples) > MOST_SAMPLES:
        raise InvalidInput(
            gettext("At most %(most_samples)s samples at a time.") % {"most_samples": MOST_SAMPLES},
            {"samples": [f"{len(samples)} were sent"]},
        )
    minutes, refused, accepted = sifted(samples, at)
    if minutes:
        _apply(indicator.pk, minutes)
    return Recorded(accepted, refused)


@transaction.atomic
def _apply(indicator_id: int, minutes: Mapping[int, Counts]) -> None:
    # The indicator's row is the one lock of its writers: an hour read below cannot change before it is written.
    Indicator.objects.select_for_update(of=("self",)).only("pk").get(pk=indicator_id)
    changed, shifts = _rewritten(by_hour(minutes), read_hours(indicator_id, sorted({m // 60 for m in minutes})))
    write_hours(indicator_id, changed)
    move_later_bases(indicator_id, shifts)


def _rewritten(
    wanted: Mapping[int, Mapping[int, Counts]], stored: Mapping[int, Hour]
) -> tuple[dict[int, Hour], list[Shift]]:
    """The hours to write, and by how much the bases of the untouched hours after each of them move."""
    changed: dict[int, Hour] = {}
    shifts: list[Shift] = []
    moved = Sums()
    for hour, minutes in wanted.items():
        before = stored[hour]
        after = with_minutes(before, minutes)
        if moved != Sums() or after != before:
            changed[hour] = after.after(moved)
        moved = moved.plus(after.sums().minus(before.sums()))
        shifts.append(Shift(hour, moved))
    return changed, shifts
