"""Prometheus: one number per minute from a range query, or a clear refusal.

A query is evaluated at the end of each minute, so that `sum(increase(requests_total[1m]))` at
14:05:00 is the sample of the minute that began at 14:04. A source that speaks every s minutes is asked
at whole multiples of s; what it says belongs to the last minute of those s.

Everything here raises OutgoingFailed, OutgoingRefused (from the guarded client) or Unusable, and nothing else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from slo.measuring.adapters.prometheus_answers import Broken as Broken
from slo.measuring.adapters.prometheus_answers import Fetched, Matrix, groups_of, matrix_of, names_of, partial
from slo.measuring.adapters.prometheus_answers import Refused as Refused
from slo.measuring.adapters.prometheus_answers import Unusable as Unusable
from slo.measuring.adapters.prometheus_asking import QUERY_TIMEOUT, Server, asked
from slo.measuring.adapters.prometheus_asking import is_ready as is_ready
from slo.measuring.formats.counters import NotCounters, increases

# Prometheus refuses more than 11,000 points per series; ours also fit one batch of samples.
MAX_POINTS = 10_000
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def chunks(first: int, end: int, step_minutes: int = 1, *, most_points: int = MAX_POINTS) -> Iterator[tuple[int, int]]:
    """The minutes first <= m < end in stretches that one range query each can answer, oldest first."""
    width = most_points * step_minutes
    for start in range(first, end, width):
        yield start, min(start + width, end)


def range_query(
    server: Server, query: str, first: int, end: int, *, step_minutes: int = 1, counter: bool = False
) -> Fetched:
    """The minutes first <= m < end of a query that gives one series.

    With `counter` the query sums raw counters, and what is asked for is the increase of each of them
    (`slo.measuring.formats.counters`): Unusable where the query cannot be asked like that.
    """
    try:
        asked_for = increases(query, step_minutes) if counter else query
    except NotCounters as error:
        raise Unusable(str(error)) from error
    fetched = _matrix(server, asked_for, first, end, step_minutes).only()
    return replace(fetched, values=_within(fetched.values, first, end))


def range_by_label(
    server: Server, query: str, label: str, first: int, end: int, *, step_minutes: int = 1
) -> dict[str, Fetched]:
    """Value of the label -> its minutes, for a query that gives one series per value; each carries all remarks.

    The answer is bounded by 16 MB: about fifty series of 10,000 points (`chunks` takes fewer points).
    """
    matrix = _matrix(server, query, first, end, step_minutes)
    found: dict[str, Fetched] = {}
    for labels, values in matrix.series:
        name = labels.get(label, "")
        if name in found:
            raise Unusable(
                _("The query gives several series for %(label)s “%(name)s”; wrap it in sum by (%(label)s) (...).")
                % {"label": label, "name": server.credentials.without_secrets(name)[:100]}
            )
        found[name] = Fetched(_within(values, first, end), matrix.warnings, matrix.infos, matrix.lacks)
    if not found and matrix.lacks:
        raise partial(matrix.lacks)
    return found


def label_values(server: Server, label: str, match: str | None = None) -> list[str]:
    """The values that a label has, sorted; only on series that match the selector, if there is one."""
    if not _LABEL.fullmatch(label):
        raise Unusable(_("This is no name of a label."))
    params = {"match[]": match} if match else {}
    return names_of(asked(server, f"/api/v1/label/{label}/values", params), server.credentials.without_secrets)


def label_groups(server: Server, labels: Sequence[str], vector: str) -> list[tuple[str, ...]]:
    """The values that these labels have together on the series of a range vector, sorted; "" where one is not there."""
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise Unusable(_("This is no name of a label."))
    query = f"group by ({', '.join(labels)}) (present_over_time({vector}))"
    answer = asked(server, "/api/v1/query", {"query": query, "timeout": QUERY_TIMEOUT})
    return groups_of(answer, labels, server.credentials.without_secrets)


def _matrix(server: Server, query: str, first: int, end: int, step: int) -> Matrix:
    """Asked at multiples of the step (minutes) after the first minute's beginning, up to the last one's end."""
    start = -(-(first + 1) // step) * step
    if start > end:
        return Matrix((), (), ())
    params = {
        "query": query, "start": str(start * 60), "end": str(end * 60), "step": str(step * 60),
        "timeout": QUERY_TIMEOUT,
    }  # fmt: skip
    return matrix_of(asked(server, "/api/v1/query_range", params), server.credentials.without_secrets)


def _within(values: Mapping[int, Decimal], first: int, end: int) -> dict[int, Decimal]:
    return {minute: value for minute, value in values.items() if first <= minute < end}


__all__ = [
    "MAX_POINTS", "Fetched", "Server", "Unusable", "chunks", "is_ready", "label_groups", "label_values",
    "range_by_label", "range_query",
]  # fmt: skip
