"""Taking in a file of measurements: parsed whole, then set in batches as large as one may send."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from slo.engine.csv_problems import Problem
from slo.engine.csv_samples import parsed
from slo.engine.samples import MAX_SAMPLES, RejectedSample, Sample, Value, epoch_minute, instant_of
from slo.measuring.models import Indicator
from slo.measuring.operations.samples import record_samples

MAX_ROWS_AT_ONCE = 50_000  # a request answers within seconds; a year of minutes is eleven such files
_MAX_REFUSALS = 200


@dataclass
class FileRecorded:
    """What became of a file: applied when this is read. `problems` are lines that could not be read."""

    rows: int = 0
    accepted: int = 0
    waiting: int = 0
    quarantined: int = 0
    confirmation: str = ""
    refused_count: int = 0
    refused: list[RejectedSample] = field(
        default_factory=list
    )  # the first two hundred; `index` counts the file's minutes in order
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)


def record_file(indicator: Indicator, content: bytes, *, actor: Actor, at: datetime) -> FileRecorded:
    """Set every minute of the file that can be read. Sending it again changes nothing.

    Raises as `record_samples`, and InvalidInput where it has more rows than are taken at once. A batch that
    was set stays set if a later one fails: sending the file again completes it.
    """
    if max(content.count(b"\n"), content.count(b"\r")) > MAX_ROWS_AT_ONCE + 1:
        sentence = gettext(
            "This file has more than %(most)s rows. Split it, for instance into one file for each month, with the "
            "first line in each of them; the order in which they are sent does not matter."
        ) % {"most": f"{MAX_ROWS_AT_ONCE:,}"}
        raise InvalidInput.about("file", sentence)
    found = parsed(content)
    samples: list[Sample | Value] = list(found.samples)
    samples += [Value(instant_of(minute), value) for minute, value in found.values]
    result = FileRecorded(rows=found.rows, problem_count=found.problem_count, problems=found.problems)
    # Even without samples: who may not send, or may not send here, is told so.
    for first, some in _pieces(samples, indicator.step_minutes):
        outcome = record_samples(indicator, some, actor=actor, at=at)
        result.accepted += outcome.accepted
        result.waiting += outcome.waiting
        result.quarantined += outcome.quarantined
        result.confirmation = outcome.confirmation or result.confirmation
        result.refused_count += len(outcome.refused)
        room = _MAX_REFUSALS - len(result.refused)
        result.refused += [RejectedSample(first + one.index, one.minute, one.reason) for one in outcome.refused[:room]]
    return result


def _pieces(samples: Sequence[Sample | Value], step: int) -> Iterator[tuple[int, Sequence[Sample | Value]]]:
    """Never cut inside a step: what is sent later for it would take the place of what was sent before."""
    first = 0
    while True:
        end = first + MAX_SAMPLES
        while end < len(samples) and _step_of(samples[end - 1], step) == _step_of(samples[end], step):
            end -= 1
        yield first, samples[first:end]
        if end >= len(samples):
            return
        first = end


def _step_of(sample: Sample | Value, step: int) -> int:
    return epoch_minute(sample.minute) // step
