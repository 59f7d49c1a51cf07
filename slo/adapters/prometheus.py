"""Prometheus: one number per minute from a range query, or a clear refusal.

A query is evaluated at the end of each minute, so that `sum(increase(requests_total[1m]))` at
14:05:00 is the sample of the minute that began at 14:04.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

from itsm.notifications.outgoing import get_json

# Prometheus refuses more than 11,000 points per series; ours also fit one batch of samples.
MOST_POINTS = 10_000
TIMEOUT_SECONDS = 10.0


class Unusable(Exception):
    """The answer came, but cannot be counted on: an error, partial data, several series."""


def per_minute(server_url: str, query: str, first: int, end: int) -> dict[int, Decimal]:
    """Minute since 1970 -> value, for the minutes first <= m < end that have a finite one.

    Raises OutgoingFailed, OutgoingRefused (from the guarded client) or Unusable.
    """
    answer = get_json(
        f"{server_url}/api/v1/query_range",
        {"query": query, "start": str((first + 1) * 60), "end": str(end * 60), "step": "60"},
        timeout=TIMEOUT_SECONDS,
    )
    try:
        return _values(_only_series(answer))
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise Unusable("The answer does not have the shape of Prometheus' query_range.") from error


def _only_series(answer: Any) -> list[Any]:
    if answer["status"] != "success":
        raise Unusable(f"Prometheus says: {answer.get('error', 'error')}"[:500])
    if answer.get("warnings"):
        # Part of what should be in the sums is missing; a low total would look like a calm minute.
        raise Unusable(f"Prometheus warns of partial data: {answer['warnings'][0]}"[:500])
    result = answer["data"]["result"]
    if answer["data"]["resultType"] != "matrix" or len(result) > 1:
        raise Unusable("The query gives several series; wrap it in sum(...).")
    return list(result[0]["values"]) if result else []


def _values(points: list[Any]) -> dict[int, Decimal]:
    """NaN and infinity are no measurements; the minute stays a gap."""
    found = {int(instant) // 60 - 1: Decimal(text) for instant, text in points}
    return {minute: value for minute, value in found.items() if value.is_finite()}
