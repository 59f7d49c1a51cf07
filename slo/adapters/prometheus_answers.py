"""What Prometheus (or what speaks its API) answers, read strictly: numbers per minute, or Unusable."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

MOST_CHARACTERS = 500  # of what a server says
MOST_SENTENCES = 10

Redact = Callable[[str], str]


class Unusable(Exception):
    """The answer came, but cannot be counted on: an error, partial data, several series."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Minute since 1970 -> value for every minute that has a finite one, and what the server remarked."""

    values: Mapping[int, Decimal]
    warnings: tuple[str, ...] = field(default=())
    infos: tuple[str, ...] = field(default=())

    @property
    def is_partial(self) -> bool:
        """Part of what should be in the sums may be missing, and a low total would look like a calm minute.

        Warnings about the query itself begin with "PromQL" and take nothing away.
        """
        return any(not warning.startswith("PromQL") for warning in self.warnings)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The series of a range query, each with its labels, and the server's remarks."""

    series: tuple[tuple[Mapping[str, str], Mapping[int, Decimal]], ...]
    warnings: tuple[str, ...]
    infos: tuple[str, ...]

    def only(self) -> Fetched:
        if len(self.series) > 1:
            raise several_series()
        return Fetched(self.series[0][1] if self.series else {}, self.warnings, self.infos)


def several_series() -> Unusable:
    return Unusable(_("The query gives several series; wrap it in sum(...)."))


def matrix_of(answer: Any, redact: Redact = str) -> Matrix:
    """Unusable if it is an error or no range vector. NaN and infinity are no measurements: such minutes are gaps."""
    with expected_shape("query_range"):
        data = data_of(answer, redact)
        if data["resultType"] != "matrix":
            raise several_series()
        series = tuple((_labels(one["metric"]), _values(one["values"])) for one in data["result"])
        return Matrix(series, _remarks(answer, "warnings", redact), _remarks(answer, "infos", redact))


def names_of(answer: Any, redact: Redact = str) -> list[str]:
    """The texts of a label's values."""
    with expected_shape("label values"):
        return sorted(str(name) for name in data_of(answer, redact))


def data_of(answer: Any, redact: Redact = str) -> Any:
    if answer["status"] != "success":
        raise says(answer.get("error", "error"), redact)
    return answer["data"]


def says(error: Any, redact: Redact = str) -> Unusable:
    return Unusable(_("Prometheus says: %(error)s") % {"error": redact(str(error))[:MOST_CHARACTERS]})


@contextmanager
def expected_shape(name: str) -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise Unusable(_("The answer does not have the shape of Prometheus' %(name)s.") % {"name": name}) from error


def _labels(metric: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in metric.items()}


def _values(points: list[Any]) -> dict[int, Decimal]:
    """A query is evaluated at the end of its minute."""
    found = {int(instant) // 60 - 1: Decimal(text) for instant, text in points}
    return {minute: value for minute, value in found.items() if value.is_finite()}


def _remarks(answer: Mapping[str, Any], name: str, redact: Redact) -> tuple[str, ...]:
    given = answer.get(name) or []
    if not isinstance(given, list):
        raise TypeError(name)
    # A warning of missing data must not be lost behind many that speak about the query.
    ordered = sorted((redact(str(one))[:MOST_CHARACTERS] for one in given), key=lambda one: one.startswith("PromQL"))
    return tuple(ordered[:MOST_SENTENCES])
