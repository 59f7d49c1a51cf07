"""Improvements in lists, and the measures by which one sees that they helped."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from catalog.improvement.models import Improvement
from catalog.improvement.vocabulary import OPEN, Status
from itsm.accounts.duties import Duty
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.kernel.references import number_in
from itsm.search import offers
from itsm.work import linkable
from itsm.work.linking import title_of

if TYPE_CHECKING:
    from catalog.services.models import Service

_LONGEST_LABEL = 90
_MOST_OFFERED = 20  # of each kind; any other is named by its reference
# Of a service, or of all (None), as it stands at an instant.
Value = Callable[["Service | None", datetime], "int | Decimal | None"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A named query: asked before and after, so that both numbers mean the same. `fewer_is_better`: which way is up.
    `read_at`: the page where one reads what it is made of."""

    name: str
    label: Any
    unit: Any
    value: Value
    fewer_is_better: bool = True
    read_at: str = ""


_measures: dict[str, Measure] = {}


class Source(NamedTuple):
    """Records that an improvement may be about: `rows` that an actor may be offered, what matters most first, and
    which of them are of a service (its id)."""

    label: Any
    rows: Callable[[Actor], "QuerySet[Any]"]
    of_service: Callable[[int], Q]


_sources: dict[str, Source] = {}


def comes_from(kind: str, source: Source) -> None:
    """Let a page offer records of a kind, which is linkable as well. Called once for each, in `AppConfig.ready()`."""
    _sources[kind] = source


def offered_sources(actor: Actor, service: "Service | None", without: Collection[str] = ()) -> list[tuple[Any, Any]]:
    """[(label, [(reference, reference and title)])], as a box of groups has them: those of the service first. Two
    queries for each kind. `without`: references that are linked already."""
    groups = [
        (one.label, [(each.reference, f"{each.reference} {title_of(each)}"[:_LONGEST_LABEL])
                     for each in _offered(one, actor, service) if each.reference not in without])
        for one in _sources.values()
    ]  # fmt: skip
    return [(label, found) for label, found in groups if found]


def _offered(source: Source, actor: Actor, service: "Service | None") -> list[Any]:
    rows = source.rows(actor)
    theirs = list(rows.filter(source.of_service(service.pk))[:_MOST_OFFERED]) if service is not None else []
    return [*theirs, *rows.exclude(pk__in=[one.pk for one in theirs])[: _MOST_OFFERED - len(theirs)]]


def begun_from(actor: Actor, text: str) -> dict[str, Any]:
    """What an improvement begins with that is about the record of this reference: title, service, and `about` itself.

    Raises InvalidInput where there is none that the actor may see.
    """
    record = linkable.named(actor, text, "about")
    service = getattr(record, "service", None) or getattr(getattr(record, "about", None), "service", None)
    return {"title": title_of(record)[:160], "service": getattr(service, "pk", None), "about": record.reference}


def register(measure: Measure) -> None:
    """Add a measure. Called once for each, in `AppConfig.ready()` of whoever can count it."""
    _measures[measure.name] = measure


def measures() -> list[Measure]:
    """In the order in which they were registered."""
    return list(_measures.values())


def measure_of(improvement: Improvement) -> Measure | None:
    """What it is measured by; None where nothing is said, or nobody counts that any more."""
    return _measures.get(improvement.measure)


def require_known(name: str) -> None:
    """Raise InvalidInput for a name that nobody registered."""
    if name and name not in _measures:
        known = ", ".join(sorted(_measures))
        raise InvalidInput.about(
            "measure", gettext("There is no such measure. Known are %(known)s.") % {"known": known}
        )


def value_now(improvement: Improvement, at: datetime) -> Decimal | None:
    """What its measure says at `at`; None where it says nothing, or nobody counts it any more."""
    measure = measure_of(improvement)
    found = measure.value(improvement.service, at) if measure is not None else None
    if found is None:
        return None
    value = Decimal(found).quantize(Decimal("0.0001"))
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value  # as people read it later


def visible_improvements(actor: Actor) -> QuerySet[Improvement]:
    """Those that the actor may see, with what lists show of them, the newest first."""
    return Improvement.objects.visible_to(actor).select_related("owner", "service", "proposed_by").order_by("-id")


def by_reference(actor: Actor, text: str) -> Improvement:
    """IMP-7 among what the actor may see. Raises NotFound."""
    number = number_in(text, "IMP")
    found = visible_improvements(actor).filter(pk=number).first() if number is not None else None
    if found is None:
        raise NotFound(gettext("There is no improvement %(text)s, or you may not see it.") % {"text": text[:20]})
    return found


def counts(actor: Actor) -> dict[str, int]:
    """How many in each state. One statement."""
    rows = Improvement.objects.visible_to(actor).order_by().values_list("status").annotate(Count("pk"))
    found = dict(rows)
    return {state: found.get(state, 0) for state in Status.values}


def portfolio(actor: Actor) -> list[tuple[int, list[tuple[int, list[Improvement]]]]]:
    """The open ones by benefit, most first, and effort, least first: (benefit, [(effort, improvements)])."""
    rows = list(visible_improvements(actor).filter(status__in=OPEN)[:300])
    return [
        (benefit, [(effort, [one for one in rows if (one.benefit, one.effort) == (benefit, effort)])
                   for effort in range(1, 6)])
        for benefit in range(5, 0, -1)
    ]  # fmt: skip


def as_found(improvement: Improvement) -> offers.Entry:
    """How search finds it: by who works here."""
    return offers.Entry(
        improvement.title,
        improvement.get_absolute_url(),
        improvement.why,
        about=offers.service(improvement.service_id),
        is_over=improvement.status not in OPEN,
    )


def owned_by(person: User) -> list[Duty]:
    """Open improvements that somebody carries out, for who wants to deactivate them."""
    rows = Improvement.objects.filter(owner=person, status__in=OPEN).order_by("id")
    words = gettext("stays with somebody who left")
    return [Duty(gettext("improvement"), one.reference, one.title, one.get_absolute_url(), words, True) for one in rows]
