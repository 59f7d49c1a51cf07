"""What is in the way of a change now: other changes as the gate sees them, and times of the calendar.

Read anew each time, by the gate's own statement, so that the page, the API and the gate cannot tell different stories.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from catalog.cmdb.queries.changed import living
from catalog.services.queries import reached_and_run_on
from changes.calendar.models import CLOSING
from changes.calendar.queries.occurrences import Occurrence, demanded_of, occurrences_for
from changes.calendar.rules.bounds import within
from changes.change.models import Change, Evaluation
from changes.change.queries.change_context import NOW_LASTS, change_context
from changes.change.queries.closures import for_its_kind
from changes.gate.vocabulary import ConflictKind
from itsm.kernel.references import number_in

_WORDS = {
    ConflictKind.SAME_CI: gettext_lazy("it changes the same thing"),
    ConflictKind.RELATED_CI: gettext_lazy("it changes what this rests on"),
    ConflictKind.REACHED_SERVICE: gettext_lazy("it changes a service that feels this"),
    ConflictKind.WINDOW: gettext_lazy("it has the same time in this environment"),
    ConflictKind.IMPLEMENTER: gettext_lazy("whoever carries this out is busy with it"),
    ConflictKind.DEPLOYMENT_TARGET: gettext_lazy("it runs here now"),
    ConflictKind.FAILED_IN_WINDOW: gettext_lazy("it failed here"),
}


@dataclass(frozen=True, slots=True)
class Conflicting:
    """One way in which something is in the way. Of a change `change`, of the calendar `window`, which may be one that
    has to be kept and is left (`is_left`). `since`: when what is in the way was entered.
    """

    kind: ConflictKind
    since: datetime
    change: Change | None = None
    window: str = ""
    is_left: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def words(self) -> str:
        """In which way, for people."""
        if self.window:
            return (
                gettext("it leaves a maintenance that has to be kept") if self.is_left else gettext("it is closed then")
            )
        return str(_WORDS[self.kind])


@dataclass(frozen=True, slots=True)
class Conflicts:
    """All of them, the calendar's first, and when it was looked."""

    found: tuple[Conflicting, ...]
    seen_at: datetime


def conflicts_of(change: Change, at: datetime) -> Conflicts:
    """Of the seven kinds those that hold now. A fixed number of queries."""
    reached, run_on = reached_and_run_on([change.service.pk, *living(change.items)])
    around = change_context(Evaluation(change=change), [one.service_id for one in reached], run_on, at)
    ways = [(ConflictKind(one.kind), one.reference) for one in around.calendar.conflicts]
    numbers = {reference: number for _kind, reference in ways if (number := number_in(reference, "CHG"))}
    others = Change.objects.select_related("service", "implementer").in_bulk(numbers.values())
    begins, ends = change.window or (at, at + NOW_LASTS)
    closing = for_its_kind(change, occurrences_for([change.service.pk], change.environment, begins, ends, CLOSING))
    names = {reference for _kind, reference in ways if reference not in numbers}
    demanded = demanded_of([change.service.pk], change.environment, at) if names else []
    left = [one for one in demanded if one[0] in names]
    return Conflicts(
        (
            *(_of_window(one) for one in closing),
            *(Conflicting(ConflictKind.WINDOW, since, window=name, is_left=True) for name, since in left),
            *(_of_change(kind, others[numbers[one]]) for kind, one in ways if numbers.get(one) in others),
        ),
        at,
    )


def _of_window(one: Occurrence) -> Conflicting:
    return Conflicting(ConflictKind.WINDOW, one.since, window=one.name, starts_at=one.starts_at, ends_at=one.ends_at)


def _of_change(kind: ConflictKind, other: Change) -> Conflicting:
    begins, ends = (each and within(each) for each in other.window or (other.started_at, other.finished_at))
    return Conflicting(kind, other.created_at, other, starts_at=begins, ends_at=ends)
