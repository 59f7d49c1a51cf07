"""Proposals that end without a word: withdrawn by who made them, or closed after 14 days."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, WrongState
from itsm.proposals.models import Proposal

CLOSING = "proposals: close"


def locked(number: int) -> Proposal | None:
    """The row as it stands, locked until the transaction ends; None where there is none."""
    rows = Proposal.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=number).first()


def require_waits(current: Proposal) -> None:
    """Raise WrongState where nothing of it waits any more."""
    if current.state != Proposal.State.WAITING:
        by = sorted({f"“{one.decided_by}”" for one in current.parts.all() if one.decided_by is not None})
        raise WrongState(
            gettext("%(reference)s does not wait any more: it is %(state)s (%(by)s).")
            % {"reference": current.reference, "state": current.get_state_display(), "by": ", ".join(by) or "–"},
            state=current.state,
            available=[],
        )


def end(current: Proposal, state: str, event: str, actor: Actor) -> None:
    """Keep that the locked proposal is over, and how. Raises nothing."""
    before, current.state, current.version = current.state, state, current.version + 1
    current.save(update_fields=["state", "version"])
    due.cancel(Proposal.kind, current.pk, CLOSING)
    lifecycle.announce(current, event, actor=actor, changes={"state": [before, state]})


@transaction.atomic
def withdraw(proposal: Proposal, *, actor: Actor) -> Proposal:
    """The agent that made it takes it back. Raises NotFound for anybody else's, WrongState where it does not wait."""
    current = locked(proposal.pk)
    if current is None or actor.id is None or current.agent_id != actor.id:
        raise NotFound(gettext("There is no such proposal of yours."))
    require_waits(current)
    end(current, Proposal.State.WITHDRAWN, "withdrawn", actor)
    return current


@transaction.atomic
def withdraw_all(agent_id: int, *, actor: Actor) -> int:
    """What waits of an agent that goes, or is stopped for good. How many. Raises nothing."""
    rows = Proposal.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    waiting = list(rows.filter(agent=agent_id, state=Proposal.State.WAITING))
    for one in waiting:
        end(one, Proposal.State.WITHDRAWN, "withdrawn", actor)
    return len(waiting)


def close_when_due(number: int, at: datetime) -> None:
    """Close what nobody decided in time. Safe to run twice. Raises nothing."""
    current = locked(number)
    if current is None or current.state != Proposal.State.WAITING or current.closes_at > at:
        return
    end(current, Proposal.State.CLOSED, "closed", Actor.system("proposals"))
