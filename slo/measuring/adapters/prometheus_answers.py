"""What Prometheus (or what speaks its API) answers, read strictly: numbers per minute, or Unusable."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from itsm.notifications.outgoing import OutgoingFailed, cleaned

MAX_SENTENCES = 10

Redact = Callable[[str], str]


class Unusable(Exception):
    """The answer came, but cannot be counted on: an error, partial data, several series."""


class Refused(Unusable):
    """The server would not evaluate the query over this stretch; perhaps it would over a smaller one."""


class Broken(OutgoingFailed):
    """The server answered, and said only that something is wrong with it (500)."""


def partial(reason: str) -> Unusable:
    return Unusable(
        _("The source warns of partial data, so nothing of it was counted: %(reason)s") % {"reason": reason}
    )


@dataclass(frozen=True, slots=True)
class Fetched:
    """Minute since 1970 -> value for every minute that has a finite one, and what the server remarked."""

    values: Mapping[int, Decimal]
    warnings: tuple[str, ...] = field(default=())
    infos: tuple[str, ...] = field(default=())
    lacks: str = ""  # why part of what should be in the sums may be missing: a low total would look like a calm minute

    @property
    def is_partial(self) -> bool:
        return bool(self.lacks)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The series of a range query, each with its labels, and the server's remarks."""

    series: tuple[tuple[Mapping[str, str], Mapping[int, Decimal]], ...]
    warnings: tuple[str, ...]
    infos: tuple[str, ...]
    lacks: str = ""

    def only(self) -> Fetched:
        if len(self.series) > 1:
            raise several_series()
        return Fetched(self.series[0][1] if self.series else {}, self.warnings, self.infos, self.lacks)


def lacks_of(answer: Mapping[str, Any], warnings: tuple[str, ...]) -> str:
    """What says that data are missing: a warning that is not about the query itself, or VictoriaMetrics' isPartial."""
    reason = next((one for one in warnings if not one.startswith("PromQL")), "")
    return reason or (_("it says isPartial.") if answer.get("isPartial") not in (None, False) else "")


def several_series() -> Unusable:
    return Unusable(_("The query gives several series; wrap it in sum(...)."))


def matrix_of(answer: Any, redact: Redact = str) -> Matrix:
    """Unusable if it is an error or no range vector. NaN and infinity are no measurements: such minutes are gaps."""
    with expected_shape("query_range"):
        data = data_of(answer, redact)
        if data["resultType"] != "matrix":
            raise several_series()
        series = tuple((_labels(one["metric"]), _values(one["values"])) for one in data["result"])
        warnings = _remarks(answer, "warnings", redact)
        return Matrix(series, warnings, _remarks(answer, "infos", redact), lacks_of(answer, warnings))


def names_of(answer: Any, redact: Redact = str) -> list[str]:
    """The texts of a label's values. Unusable where some may be missing: whoever prunes by them would lose those."""
    with expected_shape("label values"):
        names = sorted(str(name) for name in data_of(answer, redact))
        lacks = lacks_of(answer, _remarks(answer, "warnings", redact))
    if lacks:
        raise partial(lacks)
    return names


def groups_of(answer: Any, labels: Sequence[str], redact: Redact = str) -> list[tuple[str, ...]]:
    """The values of these labels on each series of an instant vector. Unusable where some may be missing."""
    with expected_shape("query"):
        data = data_of(answer, redact)
        if data["resultType"] != "vector":
            raise TypeError(data["resultType"])
        series = [_labels(one["metric"]) for one in data["result"]]
        lacks = lacks_of(answer, _remarks(answer, "warnings", redact))
    if lacks:
        raise partial(lacks)
    return sorted({tuple(one.get(label, "") for label in labels) for one in series})


def data_of(answer: Any, redact: Redact = str) -> Any:
    if answer["status"] != "success":
        raise says(answer.get("error", "error"), redact)
    return answer["data"]


def says(error: Any, redact: Redact = str, kind: type[Unusable] = Unusable) -> Unusable:
    return kind(_("Prometheus says: %(error)s") % {"error": cleaned(redact(str(error)))})


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
    ordered = sorted((cleaned(redact(str(one))) for one in given), key=lambda one: one.startswith("PromQL"))
    return tuple(ordered[:MAX_SENTENCES])
