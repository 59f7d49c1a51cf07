"""Reads of capacity: series, forecasts, and what runs out first."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import DateTimeField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from catalog.capacity.models import Exhaustion, Forecast, Measure, Point
from catalog.capacity.vocabulary import LENGTHS, RETIRED_COUNTS_DAYS, Fold, Step
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.queries.history import HIDDEN
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference
from itsm.prepared import Prepared

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

_NOT_IN_SIGHT = Value(datetime(9999, 1, 1, tzinfo=UTC), output_field=DateTimeField())
FIRST = ("runs_out", "name", "pk")  # the order of a list of measures


def listed(actor: Actor) -> QuerySet[Measure]:
    """The measures that this actor may see, what runs out soonest first, with `soonest`, `likely`, `latest`,
    `made_at`, `held`, `too_little` and `steps` (its points) of the newest forecast (null: none was made). `runs_out` is
    what pages of them go by: the soonest instant, or one after all others."""
    newest: dict[str, Any] = {
        name: Subquery(_NEWEST.values(name)[:1])
        for name in ("soonest", "likely", "latest", "made_at", "held", "too_little")
    }
    newest["steps"] = Subquery(_NEWEST.values("points")[:1])
    rows = Measure.objects.visible_to(actor).select_related("ci", "ci__team", "ci__ci_class").annotate(**newest)
    return rows.annotate(runs_out=Coalesce("soonest", _NOT_IN_SIGHT)).order_by(*FIRST)


def newest_forecast(measure: Measure) -> Forecast | None:
    """The forecast that holds now; None: none was made."""
    return measure.forecasts.first()


def open_warning(measure: Measure) -> Exhaustion | None:
    """The warning that stands, with its task."""
    return measure.exhaustions.filter(ended_at=None).select_related("task").first()


# Whose word a forecast is: who sent values that stand, and whose word on its limit or its method stands. `theirs` are
# the accounts of the natural persons behind `interested`, also programs that once were theirs; `team`: programs of the
# owner team. What is measured of an item that lives on in another one counts there.
_JUDGED = Prepared(
    "forecasts_judged",
    """
WITH accounts AS (
  SELECT id FROM accounts_counting_as(ARRAY(SELECT person FROM accounts_persons(%(interested)s::bigint[])))
),
theirs AS (
  SELECT id FROM accounts
  UNION
  SELECT u.id FROM accounts_user u WHERE u.former_owners <> '{}' AND u.former_owners && ARRAY(SELECT id FROM accounts)
),
team AS (
  SELECT u.id FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
  WHERE m.team_id = %(team)s AND u.account_type <> 'human'
)
SELECT m.slug, living.id, c.confidential OR living.confidential, m.retired_at IS NOT NULL, f.made_at,
       f.measured_until, f.sees_until, f.soonest, f.likely, f.latest, coalesce(f.too_little, false),
       ARRAY(SELECT by::bigint FROM jsonb_each_text(m.set_by) AS said(what, by)) || coalesce(f.senders, '{}')
         && ARRAY(SELECT id FROM theirs),
       coalesce(f.senders, '{}') && ARRAY(SELECT id FROM team)
FROM catalog_measure m
JOIN catalog_ci c ON c.id = m.ci_id
JOIN catalog_ci living ON living.id = coalesce(c.merged_into_id, c.id)
LEFT JOIN LATERAL (
  SELECT * FROM catalog_forecast WHERE measure_id = m.id ORDER BY made_at DESC, id DESC LIMIT 1
) f ON f."limit" = m."limit"  -- of another limit it says nothing
WHERE m.ci_id = ANY (%(items)s || ARRAY(SELECT id FROM catalog_ci WHERE merged_into_id = ANY (%(items)s)))
  AND (m.retired_at IS NULL OR m.retired_at > %(retired_since)s
    AND (m.set_by ->> 'retired')::bigint IN (SELECT id FROM theirs))
ORDER BY f.soonest NULLS LAST, m.id LIMIT %(most)s
""",
    interested="bigint[]", items="bigint[]", team="bigint", retired_since="timestamptz", most="int",
)  # fmt: skip


class Judged(NamedTuple):
    """A measure's newest forecast, dates None where there is none, and whether it is the word of `interested`.

    `measure`, `item`: slug and reference; "..." where the item is confidential, since evidence is read by many.
    """

    measure: str
    item: str
    ci_id: int
    retired: bool
    made_at: datetime | None
    measured_until: datetime | None
    sees_until: datetime | None
    soonest: datetime | None
    likely: datetime | None
    latest: datetime | None
    too_little: bool
    by_interested: bool
    by_team: bool


def judged_forecasts(
    items: Collection[int], *, interested: Collection[int], team_id: int | None, at: datetime, most: int
) -> list[Judged]:
    """What is forecast of living measures of these items (services are some), what runs out soonest first, at most so
    many; beside them measures that one of `interested` (accounts) retired lately.

    `team_id`: whose programs are told apart. One query.
    """
    with connection.cursor() as cursor:
        _JUDGED.run(
            cursor,
            {
                "items": list(items), "interested": list(interested), "team": team_id, "most": most,
                "retired_since": at - timedelta(days=RETIRED_COUNTS_DAYS),
            },
        )  # fmt: skip
        return [_judged(*row) for row in cursor.fetchall()]


def _judged(slug: str, ci_id: int, secret: bool, *rest: Any) -> Judged:
    measure, item = (HIDDEN, HIDDEN) if secret else (slug, reference(PREFIX, ci_id))
    return Judged(measure, item, ci_id, *rest)


def runs_out_first(actor: Actor, items: Collection[int]) -> QuerySet[Measure]:
    """Living measures of these items, and of those that live on in them, that the actor may see; what runs out soonest
    first; the columns of `listed`."""
    return listed(actor).filter(Q(ci__in=items) | Q(ci__merged_into__in=items), retired_at=None)
