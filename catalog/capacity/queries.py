"""Reads of capacity: series, forecasts, and what runs out first."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery

from catalog.capacity.models import Exhaustion, Forecast, Measure, Point
from catalog.capacity.vocabulary import LENGTHS, Fold, Step
from itsm.kernel.actors import Actor

_FOLDS = {
    Fold.MAX: "max(value)",
    Fold.MEAN: "avg(value)",
    Fold.P95: "percentile_cont(0.95) WITHIN GROUP (ORDER BY value)",
}


class Folded(NamedTuple):
    """The beginning of a step (UTC) and what its points fold to; None where none came."""

    at: datetime
    value: float | None


def folded(measure: Measure, at: datetime) -> list[Folded]:
    """The whole steps before `at` from the first with a point to the last with one, oldest first. One query.

    Days are days of UTC. The step that `at` lies in is not whole and left out.
    """
    step = Step(measure.step)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT date_trunc(%s, at, 'UTC') AS step, {_FOLDS[Fold(measure.fold)]} FROM catalog_point"  # noqa: S608
            " WHERE measure_id = %s AND at < date_trunc(%s, %s::timestamptz, 'UTC') GROUP BY step ORDER BY step",
            [step.value, measure.pk, step.value, at],
        )
        found = {instant.astimezone(UTC): value for instant, value in cursor.fetchall()}
    if not found:
        return []
    length, begin, last = LENGTHS[step], min(found), max(found)
    steps = round((last - begin) / length) + 1
    return [Folded(instant, found.get(instant)) for instant in (begin + place * length for place in range(steps))]


def senders_of(measure: Measure) -> list[int]:
    """The accounts whose points stand, by id; who is unknown is left out."""
    found = Point.objects.filter(measure=measure).order_by("by_id").values_list("by_id", flat=True)
    return [one for one in found.distinct() if one is not None]


_NEWEST = Forecast.objects.filter(measure=OuterRef("pk")).order_by("-made_at", "-id")


def listed(actor: Actor) -> QuerySet[Measure]:
    """The measures that this actor may see, what runs out soonest first, with `soonest`, `likely`, `latest`,
    `made_at`, `held`, `too_little` of the newest forecast (null: none was made)."""
    newest: dict[str, Any] = {
        name: Subquery(_NEWEST.values(name)[:1])
        for name in ("soonest", "likely", "latest", "made_at", "held", "too_little")
    }
    rows = Measure.objects.visible_to(actor).select_related("ci", "ci__team", "ci__ci_class").annotate(**newest)
    return rows.order_by(F("soonest").asc(nulls_last=True), "name", "pk")


def newest_forecast(measure: Measure) -> Forecast | None:
    """The forecast that holds now; None: none was made."""
    return measure.forecasts.first()


def open_warning(measure: Measure) -> Exhaustion | None:
    """The warning that stands, with its task."""
    return measure.exhaustions.filter(ended_at=None).select_related("task").first()


def runs_out_first(ci_ids: list[int]) -> dict[int, Forecast]:
    """By item: of its living measures' newest forecasts the one that meets its limit soonest; others are left out.

    Two columns of one query; items without a limit in sight are not in the answer.
    """
    newest = (
        Forecast.objects.filter(measure__ci__in=ci_ids, measure__retired_at=None)
        .order_by("measure_id", "-made_at", "-id")
        .distinct("measure_id")
        .select_related("measure")
    )
    found: dict[int, Forecast] = {}
    for one in newest:
        if one.soonest is None:
            continue
        held = found.get(one.measure.ci_id)
        if held is None or held.soonest is None or one.soonest < held.soonest:
            found[one.measure.ci_id] = one
    return found
