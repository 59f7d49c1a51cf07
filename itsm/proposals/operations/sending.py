"""Drafts that a person sends: the words are theirs, and what became of the draft is kept with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from itsm.audit.recording import proposed_by
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError
from itsm.kernel.visible import visible
from itsm.proposals.models import Proposal, ProposalPart
from itsm.proposals.operations.deciding import agent_said, settle, to_decide

P = ProposalPart.State


@contextmanager
def sending(number: int | None, *, actor: Actor, text: str, at: datetime) -> Iterator[None]:
    """What the actor sends inside began as the draft of this number: it is accepted, edited where the text is another.

    A number under which nothing waits that they may decide changes nothing. Raises nothing of its own.
    """
    with transaction.atomic():
        draft = _draft(number, actor)
        if draft is None:
            yield
            return
        current, parts = draft
        with proposed_by(agent_said(current), actor):
            yield
        for one in parts:
            same = " ".join(str(one.value).split()) == " ".join(visible(text).split())
            one.state, one.decided_by_id, one.decided_at = P.ACCEPTED if same else P.EDITED, actor.id, at
            one.written = None if same else text
        settle(current, parts, "accepted", actor)


def _draft(number: int | None, actor: Actor) -> tuple[Proposal, list[ProposalPart]] | None:
    if number is None:
        return None
    try:
        current, kind, _record = to_decide(Proposal(pk=number), actor, None)
    except DomainError:
        return None
    return (current, [one for one in current.parts.all() if one.is_waiting]) if kind.hands_over else None
