"""How many of the items are as they should be, by class and by team. Every number opens the rows that it counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet

from catalog.cmdb.models import CI, CIClass
from catalog.cmdb.queries.items import of_class
from catalog.health.models import Finding, HealthDay
from catalog.health.queries.listing import living_items, of_measure, open_now
from catalog.health.vocabulary import CORRECT, FEWEST_SCORED, MEASURES, WEIGHT_OF_COMPLETE, WEIGHT_OF_FULL, Kind
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor

Where = tuple[int | None, int | None]  # class, team; None: all


@dataclass(slots=True)
class Counts:
    """Of `total` items so many were not as each measure says."""

    total: int = 0
    bad: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MEASURES, 0))

    def score(self, measure: str) -> float | None:
        """Per cent of the items that are as the measure says; None where there are too few to say."""
        return 100 * (1 - self.bad[measure] / self.total) if self.total >= FEWEST_SCORED else None

    @property
    def completeness(self) -> float | None:
        """Required fields weigh more than what every item should say."""
        complete, full = self.score(Kind.COMPLETE), self.score(Kind.FULL)
        if complete is None or full is None:
            return None
        return WEIGHT_OF_COMPLETE * complete + WEIGHT_OF_FULL * full

    @property
    def correctness(self) -> float | None:
        """Per cent of the items of which nothing else is wrong."""
        return self.score(CORRECT)


def counted(items: QuerySet[CI], at: datetime) -> dict[Where, Counts]:
    """Of these items, by (class, team), (class, None), (None, team) and (None, None).

    A class counts what inherits from it too. Four queries, however many items there are.
    """
    lineages = dict(CIClass.objects.values_list("pk", "lineage"))
    found: dict[Where, Counts] = defaultdict(Counts, {(None, None): Counts()})
    totals = items.order_by().values("ci_class_id", "team_id").annotate(n=Count("pk"))
    for row in totals:
        for where in _places(row["ci_class_id"], row["team_id"], lineages):
            found[where].total += row["n"]
    for measure, ci_class, team, bad in _bad(items, at):
        for where in _places(ci_class, team, lineages):
            found[where].bad[measure] += bad
    return dict(found)


def _bad(items: QuerySet[CI], at: datetime) -> Iterable[tuple[str, int, int | None, int]]:
    """(measure, class, team, how many items), for each kind and for all kinds of correctness together."""
    rows = Finding.objects.filter(open_now(at), ci__in=items.order_by().values("pk")).order_by()
    place = ("ci__ci_class_id", "ci__team_id")
    by_kind = rows.values_list("finding_kind", *place).annotate(n=Count("ci", distinct=True))
    together = rows.filter(of_measure(CORRECT)).values_list(*place).annotate(n=Count("ci", distinct=True))
    yield from by_kind
    yield from ((CORRECT, *row) for row in together)


def _places(ci_class: int, team: int | None, lineages: Mapping[int, Sequence[int]]) -> Iterable[Where]:
    teams = [None] if team is None else [None, team]
    return ((one, other) for one in (None, *lineages[ci_class]) for other in teams)


@dataclass(frozen=True, slots=True)
class Health:
    """What a page shows: the whole, and a line for each class that has items of its own."""

    whole: Counts
    classes: list[tuple[CIClass, Counts]]


def health(actor: Actor, at: datetime, *, ci_class: CIClass | None = None, team: Team | None = None) -> Health:
    """The scores of what this actor may see, of a class and a team where they say one."""
    items = living_items(actor)
    if ci_class is not None:
        items = items.filter(of_class(ci_class.pk))
    if team is not None:
        items = items.filter(team=team)
    found = counted(items, at)
    own = set(items.order_by().values_list("ci_class_id", flat=True).distinct())
    named = sorted(CIClass.objects.filter(pk__in=own), key=lambda one: str(one).lower())
    return Health(found[None, None], [(one, found[one.pk, None]) for one in named])


@dataclass(frozen=True, slots=True)
class Day:
    """A score on a day, of all but confidential items."""

    day: date
    score: float


def trend(
    at: datetime, measure: str = CORRECT, *, ci_class: CIClass | None = None, team: Team | None = None, days: int = 90
) -> list[Day]:
    """A score for each day that was kept, the oldest first; days with too few items are left out."""
    rows = HealthDay.objects.filter(
        ci_class=ci_class, team=team, measure=measure, day__gt=at.date() - timedelta(days=days)
    ).order_by("day")
    return [Day(one.day, 100 * (1 - one.bad / one.total)) for one in rows if one.total >= FEWEST_SCORED]
