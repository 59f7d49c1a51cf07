"""A word about a proposal taken back within half an hour, with what it wrote, where that operation can be undone."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm.audit.recording import proposed_by
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound, WrongState
from itsm.proposals import kinds, queries
from itsm.proposals.kinds import ProposalKind
from itsm.proposals.models import UNDO_WITHIN, Proposal, ProposalPart
from itsm.proposals.operations.deciding import agent_said, require_decider, settle
from itsm.proposals.operations.ending import locked

P = ProposalPart.State
_S = Proposal.State


@transaction.atomic
def take_back(proposal: Proposal, *, actor: Actor, at: datetime) -> Proposal:
    """The actor's newest word about it is taken back: it waits again, and the record is as it was before.

    Raises NotPermitted (who may not decide it now), NotFound, WrongState (no word of theirs within half an hour, or it
    ended), Conflict (what was done cannot be taken back, or the same waits again), StaleVersion (somebody changed the
    record since), and what its operation refuses with.
    """
    current = locked(proposal.pk)
    if current is None:
        raise NotFound(gettext("There is no such proposal, or you may not see it."))
    kind = kinds.named(current.sort)
    record = queries.record_of(kind, actor, current.record_id)
    require_decider(current, kind, record, actor)
    parts = _newest_word(current, actor, at)
    same = Proposal.objects.filter(
        agent=current.agent_id, record_kind=current.record_kind, record_id=current.record_id, digest=current.digest,
        state=_S.WAITING,
    ).exclude(pk=current.pk)  # fmt: skip
    if same.exists():
        raise Conflict(gettext("The same was proposed again meanwhile, and waits: decide that."))
    if parts[0].state != P.DISMISSED:
        _undo(current, kind, record, parts[0], actor)
    for one in parts:
        one.state, one.decided_by, one.decided_at, one.why = P.WAITING, None, None, ""
        one.written = one.made = None
    settle(current, parts, "taken_back", actor)
    return current


def _newest_word(current: Proposal, actor: Actor, at: datetime) -> list[ProposalPart]:
    mine = ProposalPart.objects.filter(proposal=current, decided_by=actor.id, decided_at__gt=at - UNDO_WITHIN)
    newest = mine.order_by("-decided_at", "-id").first()
    if newest is None or current.state in {_S.WITHDRAWN, _S.CLOSED} or current.closes_at <= at:
        raise WrongState(
            gettext("There is no word of yours about %(reference)s of the last half hour to take back.")
            % {"reference": current.reference},
            state=current.state,
            available=[],
        )
    return list(mine.filter(decided_at=newest.decided_at).order_by("id"))


def _undo(current: Proposal, kind: ProposalKind, record: object, part: ProposalPart, actor: Actor) -> None:
    made = part.made or {}
    if kind.put_back is None:
        raise Conflict(
            gettext("What was made of %(reference)s stays: undo it there, at %(path)s.")
            % {"reference": current.reference, "path": made.get("path") or current.about}
        )
    with proposed_by(agent_said(current), actor):
        kind.put_back(record, made.get("changes", {}), made.get("version") or 0, actor)
