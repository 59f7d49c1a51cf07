"""How long something took: mean, median and ninetieth percentile."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, FloatField


class Percentile(Aggregate):
    """Of a number, between two neighbours in proportion: `Percentile("seconds", share=0.9)`."""

    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, *, share: float, **extra: Any) -> None:
        super().__init__(expression, share=float(share), **extra)


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `n` durations in whole seconds; None of none."""

    n: int = 0
    mean: int | None = None
    p50: int | None = None
    p90: int | None = None


def spread(n: int, mean: float | None, p50: float | None, p90: float | None) -> Spread:
    """As the database answered it."""
    return Spread(n, *(None if one is None else round(one) for one in (mean, p50, p90)))
