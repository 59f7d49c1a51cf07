"""A proposal as its reader is told of it, part by part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.proposals import kinds, permissions
from itsm.proposals.kinds import ProposalKind
from itsm.proposals.models import UNDO_WITHIN, Proposal, ProposalPart
from itsm.proposals.queries.sight import decidable_by
from itsm.work import linkable
from itsm.work.linking import title_of

P, S = ProposalPart.State, Proposal.State
_SHORT = 120


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
