"""The agenda of a meeting: what its board is asked, as the chair ordered it, else the most pressing first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from changes.boards.models import Item, Meeting
from changes.boards.queries.asks import Asked, open_of
from changes.boards.queries.seats import KIND
from changes.boards.rules import Factors, factors
from changes.change.models import Change, Decision, Evaluation
from changes.change.queries.explanation import explanation
from changes.change.queries.verdicts import explained
from changes.change_models.models import History
from changes.gate.canonical import from_json
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import Outcome
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.panels import counts
from itsm.approvals.voting import Tally

# A decision never changes, which the database sees to: it is read from JSON once, by number and hash. Some 10 kB each.
_Stated = tuple[int, str]
_READ: dict[_Stated, Verdict] = {}
_MOST_READ = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an agenda: why it needs people, how pressing it is and why, and how the votes stand."""

    ask: ApprovalRequest
    change: Change
    item: Item | None
    factors: Factors
    votes: Tally
    verdict: Verdict | None
    place: int

    @property
    def why(self) -> str:
        """Why people decide, as far as the gate said: the deciding sentence."""
        return explanation(explained(self.verdict)).lead if self.verdict else ""

    @property
    def score(self) -> Decimal:
        """How pressing it is, 0..100 with one decimal."""
        return self.factors.score

    @property
    def counted(self) -> str:
        """How many votes count of those that are needed."""
        return gettext("%(counted)s of %(needed)s votes") % {"counted": self.votes.counted, "needed": self.votes.needed}

    @property
    def pressing(self) -> str:
        """The score with its factors, for a line of the agenda; one text, since there may be hundreds."""
        said = {name: f"{value:.2f}" for name, value in self.factors._asdict().items()}
        return gettext(
            "pressing %(score)s · risk %(risk)s · scarcity %(scarcity)s · conflict %(conflict)s · novelty %(novelty)s"
        ) % {"score": self.score, **said}


def agenda(meeting: Meeting, *, answers: bool = False) -> list[Entry]:
    """Every open ask of the board that this meeting has not put off; with the `answers` to each, for who shows them."""
    items = {item.ask_id: item for item in meeting.items.all()}
    put_off = {pk for pk, item in items.items() if item.deferred_to_id is not None}
    later = Item.objects.filter(
        deferred_to__board=meeting.board_id, deferred_to__starts_at__gt=meeting.starts_at,
        deferred_to__status__in=("planned", "in_session"),
    ).exclude(deferred_to=meeting)  # fmt: skip
    put_off |= set(later.values_list("ask", flat=True))
    return entries([each for each in open_of(meeting.board, answers=answers) if each.ask.pk not in put_off], items)


def entries(asked: Sequence[Asked], items: Mapping[int, Item]) -> list[Entry]:
    """In the chair's order where there is one, then by score; of equals what was asked first.

    As many queries for two hundred as for one.
    """
    changes = [each.change for each in asked]
    said, runs, votes = _newest(changes), _runs(changes), counts([each.ask for each in asked])
    found = [
        Entry(
            each.ask,
            each.change,
            items.get(each.ask.pk),
            factors_of(each.change, verdict, runs.get(_kind(each.change), 0)),
            votes[each.ask.pk],
            verdict,
            0,
        )
        for each in asked
        for verdict in [said.get(each.change.pk)]
    ]
    found.sort(key=_order)
    return [replace(one, place=place) for place, one in enumerate(found, 1)]


def _order(entry: Entry) -> tuple[int, Decimal, int]:
    place = entry.item.place if entry.item is not None and entry.item.place is not None else None
    return (place if place is not None else 10_000, -entry.score, entry.ask.pk)


def factors_of(change: Change, verdict: Verdict | None, runs: int) -> Factors:
    """From the verdict that asks people; without one nobody knows, and it ranks as the most pressing."""
    rooms = [one.headroom for one in verdict.budgets if one.headroom is not None] if verdict else []
    unseen = verdict is None or any(one.headroom is None for one in verdict.budgets)
    in_the_way = [one for one in verdict.reasons if one.code.startswith(("calendar", "conflict"))] if verdict else []
    blocks = any(one.outcome in (Outcome.POSTPONED, Outcome.BLOCKED) for one in in_the_way)
    conflict = "blocking" if blocks else "warned" if in_the_way else "none"
    return factors(risk=change.risk, headroom=None if unseen or not rooms else min(rooms), conflict=conflict, runs=runs)


def _newest(changes: Sequence[Change]) -> dict[int, Verdict]:
    """The newest verdict of each, one query. Without what would help: an agenda says why people decide."""
    newest = (
        Evaluation.objects.filter(change__in=changes, decision__isnull=False)
        .order_by("change_id", "-asked_at", "-id")
        .distinct("change_id")
    )
    decisions = Decision.objects.filter(pk__in=newest.values("decision")).values_list("change_id", "pk", "verdict_hash")
    read = {change: (pk, stated) for change, pk, stated in decisions}
    verdicts = _verdicts(read.values())
    return {change: verdicts[decision] for change, decision in read.items()}


def _verdicts(wanted: Collection[_Stated]) -> dict[_Stated, Verdict]:
    """What these decisions said. One query; none where all of them were read before."""
    found = {one: _READ[one] for one in wanted if one in _READ}
    missing = [pk for pk, _stated in set(wanted) - found.keys()]
    unsaid: dict[str, Any] = {"what_would_help": [], "conditions": []}
    fresh = Decision.objects.filter(pk__in=missing).only("verdict", "verdict_hash") if missing else ()
    found |= {(one.pk, one.verdict_hash): from_json(Verdict, one.verdict | unsaid) for one in fresh}
    if len(_READ) + len(missing) > _MOST_READ:
        _READ.clear()
    _READ.update(found)
    return found


def _kind(change: Change) -> tuple[int, str, int | None]:
    return change.service_id, change.environment, change.model_id


def _runs(changes: Sequence[Change]) -> dict[tuple[int, str, int | None], int]:
    """How often changes of this kind ran here, by service, environment and model, as the gate's history keeps count:
    one query, whatever the past."""
    kept = History.objects.filter(service__in={one.service_id for one in changes}).order_by()
    return {(row[0], row[1], row[2]): row[3] for row in kept.values_list("service", "environment", "model", "runs")}


def items() -> QuerySet[ApprovalRequest]:
    """Every ask that a board was given about a change."""
    return ApprovalRequest.objects.filter(panel_kind=KIND, record_kind=Change.kind)


def entry_of(asked: Asked) -> Entry:
    """One ask by itself, settled or not."""
    return entries([asked], {})[0]
