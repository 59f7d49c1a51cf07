"""What the portal spares people: answers that were enough, and forms that were begun and left."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from catalog.knowledge import queries as knowledge
from itsm.kernel.actors import Actor
from itsm.portal.models import Trace
from itsm.portal.operations import WITHIN

PERIOD = timedelta(days=90)
_MOST = 50


@dataclass(frozen=True, slots=True)
class Row:
    """Of one thing: how often it was opened or begun, and after how many of those nobody asked within a day."""

    name: str
    url: str
    count: int
    without_asking: int

    @property
    def share(self) -> float:
        """Of those, 0 to 1."""
        return self.without_asking / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Left:
    """Of one form: how often it was left after this question, which was answered last ("": before any)."""

    name: str
    field: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """`opened`, `deflected`: suggestions of the period, and those after which nobody asked. `begun`, `abandoned`:
    forms, and those that were not sent. The last day is left out: it is not known yet."""

    opened: int
    deflected: int
    begun: int
    abandoned: int
    answers: list[Row]
    forms: list[Row]
    left_at: list[Left]

    @property
    def share_deflected(self) -> float | None:
        """0 to 1; None where nothing was opened."""
        return self.deflected / self.opened if self.opened else None

    @property
    def share_abandoned(self) -> float | None:
        """0 to 1; None where nothing was begun."""
        return self.abandoned / self.begun if self.begun else None


def report(actor: Actor, at: datetime) -> Report:
    """Of the 90 days before the last one. Three queries and that of the articles."""
    known: Any = Trace.objects.filter(at__gt=at - WITHIN - PERIOD, at__lte=at - WITHIN)
    left: dict[str, Any] = {"number": Count("pk"), "left": Count("pk", filter=Q(asked_at=None))}
    totals = {row["kind_of"]: row for row in known.values("kind_of").annotate(**left).order_by()}
    by_thing = known.values("kind_of", "about_kind", "about").annotate(**left).order_by("-number", "about")
    opened = list(by_thing.filter(kind_of=Trace.Kind.OPENED)[:_MOST])
    begun = list(by_thing.filter(kind_of=Trace.Kind.BEGUN)[:_MOST])
    none = {"number": 0, "left": 0}
    sums = totals.get(Trace.Kind.OPENED, none), totals.get(Trace.Kind.BEGUN, none)
    return Report(
        sums[0]["number"], sums[0]["left"], sums[1]["number"], sums[1]["left"],
        _named(opened, actor), _named(begun, actor), _left_at(known),
    )  # fmt: skip


def _left_at(known: Any) -> list[Left]:
    left = known.filter(kind_of=Trace.Kind.BEGUN, asked_at=None).exclude(last_field="")
    rows = left.values("about", "last_field").annotate(number=Count("pk")).order_by("-number", "about", "last_field")
    return [Left(row["about"], row["last_field"], row["number"]) for row in rows[:_MOST]]


def _named(rows: list[dict[str, Any]], actor: Actor) -> list[Row]:
    """With titles where the reader may see the article; those that they may not see are left out."""
    numbers = [int(row["about"].partition("-")[2]) for row in rows if row["about_kind"] == Trace.About.ARTICLE]
    seen = {one.reference: one for one in knowledge.visible_articles(actor).filter(pk__in=numbers)} if numbers else {}
    found = []
    for row in rows:
        name, url = row["about"], ""
        if row["about_kind"] == Trace.About.ARTICLE:
            if row["about"] not in seen:
                continue
            name, url = seen[name].title, seen[name].get_absolute_url()
        found.append(Row(name, url, row["number"], row["left"]))
    return found
