"""Which proposals somebody may read and decide, and how those of each kind fared."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts.queues import Asker
from itsm.composed import Composed, composed
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in, reference
from itsm.proposals import kinds, permissions
from itsm.proposals.kinds import ProposalKind
from itsm.proposals.models import UNDO_WITHIN, Proposal, ProposalPart
from itsm.work import linkable
from itsm.work.linking import title_of

S = Proposal.State
P = ProposalPart.State
_COUNTED = 50
_SHORT = 120
DECIDED = (P.ACCEPTED, P.EDITED, P.DISMISSED, P.OVERTAKEN)


def visible_to(actor: Actor) -> QuerySet[Proposal]:
    """Those about records that the actor reads whole."""
    return _among(actor, "readers")


def decidable_by(actor: Actor) -> QuerySet[Proposal]:
    """Those that wait, about records that the actor may change."""
    if not permissions.people(actor):
        return Proposal.objects.none()
    return _among(actor, "deciders").filter(state=S.WAITING)


def may_decide(actor: Actor, proposal: Proposal) -> bool:
    """A person who may change what it is about."""
    if not permissions.people(actor):
        return False
    return kinds.named(proposal.sort).deciders(actor).filter(pk=proposal.record_id).exists()


def waiting_count(actor: Actor) -> Composed[Proposal]:
    """How many wait that the actor may decide: a statement that the navigation counts with others."""
    return _first_to_decide(Asker.of(actor))


@composed
def _first_to_decide(asker: Asker) -> QuerySet[Proposal, Any]:
    return _among(asker.actor, "deciders", Proposal.objects.filter(state=S.WAITING)).values_list("pk")[: _COUNTED + 1]


def _among(actor: Actor, relation: str, rows: QuerySet[Proposal] | None = None) -> QuerySet[Proposal]:
    if rows is None:
        rows = Proposal.objects.select_related("agent", "owner").prefetch_related("parts__decided_by")
    if not permissions.readers(actor):
        return rows.none()
    sorts: dict[Any, list[str]] = defaultdict(list)
    for kind in kinds.every():
        sorts[getattr(kind, relation)].append(kind.name)
    wanted = Q(pk__in=[])
    for records, names in sorts.items():
        wanted |= Q(sort__in=names, record_id__in=records(actor).order_by().values("pk"))
    return rows.filter(wanted)


def named(actor: Actor, number: int) -> Proposal:
    """One that the actor may read. Raises NotFound."""
    found = visible_to(actor).filter(pk=number).first()
    if found is None:
        raise NotFound(gettext("There is no such proposal, or you may not see it."))
    return found


def record_of(kind: ProposalKind, actor: Actor, record_id: int) -> Any:
    """The record of a proposal, among those that the actor reads whole. Raises NotFound."""
    found = kind.readers(actor).filter(pk=record_id).first() if permissions.readers(actor) else None
    if found is None:
        raise NotFound(gettext("There is no such record, or you may not see it."))
    return found


def record_about(proposal: Proposal, actor: Actor) -> Any:
    """The record that it is about, in the same way."""
    return record_of(kinds.named(proposal.sort), actor, proposal.record_id)


def record_named(kind: ProposalKind, eyes: Actor, reference: str) -> Any:
    """The record of this reference, in the same way."""
    return record_of(kind, eyes, number_in(reference.strip(), kind.prefix) or 0)


def as_kept(text: str) -> list[str]:
    """References of records that this one may mean, as proposals keep them: INC-7 is INC-00007."""
    prefixes = {kind.prefix for kind in kinds.every()}
    return [reference(prefix, number) for prefix in sorted(prefixes) if (number := number_in(text.strip(), prefix))]


class PartTold(NamedTuple):
    """A part, and what overtook it; "" for nothing."""

    row: ProposalPart
    why_not: str

    @property
    def is_short(self) -> bool:
        """Whether it is a value rather than a text."""
        return len(self.row.shown) <= _SHORT and "\n" not in self.row.shown

    @property
    def written(self) -> str:
        """What a person wrote instead, as they typed it."""
        value = self.row.written
        return ", ".join(map(str, value)) if isinstance(value, list) else "–" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Told:
    """A proposal as a list shows it. `record`: None where it is gone; `why_not`: by field what overtook it; `decides`:
    whether this reader may; `can_undo`: whether their own word may be taken back still."""

    proposal: Proposal
    kind: ProposalKind
    record: Any
    why_not: dict[str, str]
    decides: bool
    can_undo: bool

    @property
    def waiting(self) -> list[ProposalPart]:
        """The parts that nobody decided yet."""
        return [one for one in self.proposal.parts.all() if one.is_waiting]

    @property
    def parts(self) -> list[PartTold]:
        """All of them, in the order in which they were proposed."""
        return [PartTold(one, self.why_not.get(one.field, "")) for one in self.proposal.parts.all()]

    @property
    def title(self) -> str:
        """What its record is about, in its own words."""
        return "" if self.record is None else title_of(self.record)

    @property
    def words(self) -> str:
        """The text of a draft."""
        return "\n\n".join(str(one.value) for one in self.waiting)

    @property
    def is_split(self) -> bool:
        """Whether its parts are decided one by one."""
        return len(self.waiting) > 1 and not (self.kind.whole or self.kind.hands_over)

    @property
    def is_stale(self) -> bool:
        """Whether nothing of it stands any more."""
        return bool(self.why_not) and all(one.field in self.why_not for one in self.waiting)


def told(found: Sequence[Proposal], actor: Actor) -> list[Told]:
    """These as the actor reads them. Two queries for each kind of record, however many there are; one for each other
    record that is named."""
    seen: dict[Any, dict[int, Any]] = {}
    theirs: dict[Any, set[int]] = {}
    lines = []
    for one in found:
        kind = kinds.named(one.sort)
        _hide_titles(kind, one, actor)
        if kind.readers not in seen:
            ids = [each.record_id for each in found if kinds.named(each.sort).readers is kind.readers]
            seen[kind.readers] = kind.readers(actor).in_bulk(ids)
            people = permissions.people(actor)
            theirs[kind.readers] = (
                set(kind.deciders(actor).filter(pk__in=ids).values_list("pk", flat=True)) if people else set()
            )
        record = seen[kind.readers].get(one.record_id)
        decides = one.record_id in theirs[kind.readers]
        lines.append(Told(one, kind, record, why_not(kind, record, one), decides, _can_undo(kind, one, actor)))
    return lines


def _hide_titles(kind: ProposalKind, proposal: Proposal, actor: Actor) -> None:
    """A record that was named may have become confidential since: then its title is for its readers alone."""
    if kind.names is None:
        return
    for part in proposal.parts.all():
        if linkable.called(actor, kind.names(part)) is None:
            part.shown = str(part.value)  # on what is shown, never kept: what was proposed stays as it was made


def _can_undo(kind: ProposalKind, proposal: Proposal, actor: Actor) -> bool:
    """Whether the actor's own word of the last half hour could be taken back; what stands in the way is said then."""
    if proposal.state not in {S.WAITING, S.DECIDED}:
        return False
    since = timezone.now() - UNDO_WITHIN
    mine = [one for one in proposal.parts.all() if one.decided_by_id == actor.id and (one.decided_at or since) > since]
    return any(one.state == P.DISMISSED or kind.put_back is not None for one in mine)


def why_not(kind: ProposalKind, record: Any, proposal: Proposal) -> dict[str, str]:
    """Of the parts that wait, by field, what overtook them since."""
    if record is None:
        return {one.field: gettext("Its record is gone.") for one in proposal.parts.all() if one.is_waiting}
    said = {one.field: kind.overtaken(record, one) for one in proposal.parts.all() if one.is_waiting}
    return {field: why for field, why in said.items() if why}


def reply_drafted(number: str, record: Any, actor: Actor) -> Told | None:
    """The draft of this number that waits for the actor to send it on this record; None for any other text."""
    if not (number.isdecimal() and len(number) < 19):
        return None
    mine = decidable_by(actor).filter(pk=int(number), record_kind=record.kind, record_id=record.pk)
    lines = told(list(mine), actor)
    return lines[0] if lines and lines[0].kind.hands_over else None


@dataclass(frozen=True, slots=True)
class Fared:
    """Parts of one kind that were decided, by what people made of them. `undecided`: withdrawn, or closed unread."""

    sort: str
    title: Any
    accepted: int
    edited: int
    dismissed: int
    overtaken: int
    undecided: int
    waiting: int

    @property
    def judged(self) -> int:
        """Those that a person gave a word about; what was overtaken says nothing of its worth."""
        return self.accepted + self.edited + self.dismissed

    @property
    def accepted_at_all(self) -> int:
        """Unchanged or edited."""
        return self.accepted + self.edited

    @property
    def rate(self) -> float | None:
        """The share that was accepted, unchanged or edited, of those that people judged; None of none."""
        return self.accepted_at_all / self.judged if self.judged else None


def how_they_fared(*, since: datetime, until: datetime, agent: int | None = None) -> list[Fared]:
    """Of what was proposed from `since` to before `until`, by kind; `agent`: of one. One query. Names no record."""
    parts = ProposalPart.objects.filter(proposal__at__gte=since, proposal__at__lt=until)
    if agent is not None:
        parts = parts.filter(proposal__agent=agent)
    over = Q(state=P.WAITING) & ~Q(proposal__state=S.WAITING)
    rows = (
        parts.order_by()
        .values("proposal__sort")
        .annotate(
            **{str(state): Count("pk", filter=Q(state=state)) for state in DECIDED},
            undecided=Count("pk", filter=over),
            left=Count("pk", filter=Q(state=P.WAITING, proposal__state=S.WAITING)),
        )
    )
    by_sort: dict[str, Any] = {row["proposal__sort"]: row for row in rows}
    return [_fared(kind, by_sort[kind.name]) for kind in kinds.every() if kind.name in by_sort]


def _fared(kind: ProposalKind, row: Any) -> Fared:
    counted = {str(state): row[str(state)] for state in DECIDED}
    return Fared(kind.name, kind.title, **counted, undecided=row["undecided"], waiting=row["left"])
