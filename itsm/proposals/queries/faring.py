"""How proposals of agents fared with people, kind by kind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from itsm.proposals import kinds
from itsm.proposals.kinds import ProposalKind
from itsm.proposals.models import Proposal, ProposalPart

P, S = ProposalPart.State, Proposal.State
DECIDED = (P.ACCEPTED, P.EDITED, P.DISMISSED, P.OVERTAKEN)


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
