"""What is done with an item of an agenda: it is voted about, moved, put off, noted upon, and closed by the chair."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from changes.boards.models import Item, Meeting
from changes.boards.permissions import chairs
from changes.boards.queries.agenda import agenda
from changes.boards.queries.asks import Asked, settled_words
from changes.boards.queries.seats import KIND, interested_in
from changes.boards.vocabulary import MeetingStatus
from changes.calendar.operations.locking import share_calendar
from changes.change.models import Change
from changes.change.operations.evaluations import live_evaluation
from changes.change.operations.holding import Looked
from changes.change.operations.people_decide import carry_out, decide_by_person
from changes.change.permissions import weighs_much
from itsm import lifecycle
from itsm.accounts.step_up import require_proof
from itsm.approvals import operations as approvals
from itsm.approvals import panels
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.voting import Outcome, Tally, Why
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.kernel.references import reference
from itsm.kernel.texts import is_blank


def may_be_heard(actor: Actor, approval: ApprovalRequest) -> bool:
    """Whether this person's vote counts, whatever it is. NotPermitted with the rule where one stands in the way."""
    if approval.status == ApprovalRequest.Status.OPEN:
        refuse_unless_asked(approval, actor, reference("CHG", approval.record_id))
    return True


def vote(
    asked: Asked,
    *,
    actor: Actor,
    vote: str,
    comment: str,
    vote_id: UUID,
    at: datetime,
    seen: str | None = None,
    version: int | None = None,
    version_required: bool = False,
) -> Change:
    """One member's vote; sent twice with one id it counts once, another one later replaces it.

    Raises what deciding about a change raises; WrongState where the item is settled.
    """
    known = approvals.already_cast(asked.change, actor=actor, decision=vote, vote_id=vote_id)
    if not known and asked.ask.status != ApprovalRequest.Status.OPEN:
        raise WrongState(settled_words(asked))
    return decide_by_person(
        asked.change, actor=actor, decision=vote, comment=comment, at=at, seen=seen, version=version,
        version_required=version_required, vote_id=vote_id,
    )  # fmt: skip


@transaction.atomic
def close_item(
    meeting: Meeting, asked: Asked, *, actor: Actor, at: datetime, comment: str = "", seen: str | None = None
) -> Tally:
    """The chair closes an item as the votes stand: a decline that stands declines, a quorum approves.

    `seen`: the mark of what has become worse, as it was shown to the chair; see `decide_by_person`.

    Raises NotPermitted (not the chair, or with an interest), PasswordNeeded
    (approving an emergency), WrongState (not in session, settled, no quorum, not
    seen).
    """
    meeting = _in_session(meeting, actor)
    share_calendar()  # nothing closes until this is done
    change = lifecycle.locked(asked.change)
    approval = _open(meeting, asked.ask.pk)
    if actor.id in {*approval.excluded, *interested_in(change)}:
        raise NotPermitted(
            gettext("%(actor)s has an interest in %(change)s; another chair closes it.")
            % {"actor": actor.name, "change": change.reference}
        )
    votes = panels.count(approval, in_meeting=True)
    evaluation = live_evaluation(change)
    if votes.outcome is Outcome.OPEN or evaluation is None or approval.content_hash != change.content_hash:
        why = gettext("too few of its members may vote") if votes.why is Why.TOO_FEW else gettext("no quorum yet")
        raise WrongState(
            gettext("%(change)s cannot be closed: %(why)s (%(counted)d of %(needed)d votes).")
            % {"change": change.reference, "why": why, "counted": votes.counted, "needed": votes.needed}
        )
    if votes.outcome is Outcome.APPROVED and weighs_much(change):
        require_proof(actor, doing=gettext("approve an emergency"))
    looked = Looked.at(change, evaluation, at) if votes.outcome is Outcome.APPROVED else None
    if looked is not None:
        looked.refuse_unless_seen(change, seen)
    approvals.settle_votes(change, approval, votes, at)
    carry_out(change, evaluation, approval, actor=actor, comment=comment, at=at, looked=looked)
    said = {"item": [None, change.reference], "outcome": [None, votes.outcome.value]}
    lifecycle.announce(meeting, "decided", actor=actor, changes=said, remark=comment)
    return votes


@transaction.atomic
def reorder(meeting: Meeting, *, actor: Actor, order: Sequence[int]) -> Meeting:
    """The chair's order of the agenda: asks by number, first to last; it is minuted with who changed it.

    Raises NotPermitted, WrongState, InvalidInput (not exactly what is on the agenda).
    """
    meeting = _unfinished(meeting, actor)
    before = agenda(meeting)
    if sorted(order) != sorted(entry.ask.pk for entry in before):
        raise InvalidInput.about("order", gettext("Name every item of the agenda once; it may have changed since."))
    for place, ask_id in enumerate(order, 1):
        Item.objects.update_or_create(meeting=meeting, ask_id=ask_id, defaults={"place": place})
    names = {entry.ask.pk: entry.change.reference for entry in before}
    said = [[entry.change.reference for entry in before], [names[pk] for pk in order]]
    lifecycle.announce(meeting, "reordered", actor=actor, changes={"order": said})
    return meeting


@transaction.atomic
def take_earlier(meeting: Meeting, *, actor: Actor, item: int) -> bool:
    """An item, by the number of its ask, comes a place earlier on the agenda; minuted as `reorder` is.

    Raises NotPermitted, WrongState (also where it is not on this agenda). False where it is the first already.
    """
    meeting = _unfinished(meeting, actor)
    order = [entry.ask.pk for entry in agenda(meeting)]
    if item not in order:  # settled or put off meanwhile: no order is another one for it
        raise WrongState(gettext("It is not on this agenda any more."))
    place = order.index(item)
    if place:
        order[place - 1 : place + 1] = order[place], order[place - 1]
        reorder(meeting, actor=actor, order=order)
    return place > 0


@transaction.atomic
def defer(meeting: Meeting, asked: Asked, *, actor: Actor, to: Meeting, reason: str) -> Item:
    """Put an item off to a later meeting of the board. Its ask keeps its due time: a time-out never approves.

    Raises NotPermitted, WrongState, InvalidInput.
    """
    meeting = _unfinished(meeting, actor)
    approval = _open(meeting, asked.ask.pk)
    if is_blank(reason):
        raise InvalidInput.about("reason", gettext("Say why it is put off; the minutes keep it."))
    later = to.board_id == meeting.board_id and to.starts_at > meeting.starts_at
    if not later or to.status != MeetingStatus.PLANNED:
        raise InvalidInput.about("to", gettext("It is put off to a later, planned meeting of the same board."))
    item, _made = Item.objects.update_or_create(
        meeting=meeting, ask=approval, defaults={"deferred_to": to, "deferred_because": reason.strip()}
    )
    said = {"item": [None, asked.change.reference], "to": [None, to.starts_at]}
    lifecycle.announce(meeting, "deferred", actor=actor, changes=said, remark=reason)
    return item


@transaction.atomic
def note(meeting: Meeting, asked: Asked, *, actor: Actor, notes: str) -> Item:
    """The notes about an item, as they go into the minutes. Raises NotPermitted and WrongState."""
    meeting = _unfinished(meeting, actor)
    if asked.ask.panel_id != meeting.board_id or asked.ask.panel_kind != KIND:
        raise WrongState(gettext("%(change)s is not on this agenda.") % {"change": asked.change.reference})
    item, _made = Item.objects.update_or_create(meeting=meeting, ask=asked.ask, defaults={"notes": notes})
    said = {"item": [None, asked.change.reference]}
    lifecycle.announce(meeting, "noted", actor=actor, changes=said, remark=notes)
    return item


def _unfinished(meeting: Meeting, actor: Actor) -> Meeting:
    """Locked, planned or in session, and the actor in its chair."""
    current = lifecycle.locked(meeting)
    if not chairs(actor, current):
        raise NotPermitted(gettext("The chair leads the meeting."))
    if current.status not in (MeetingStatus.PLANNED, MeetingStatus.IN_SESSION):
        raise WrongState(
            gettext("The meeting is %(state)s.") % {"state": current.get_status_display()}, state=current.status
        )
    return current


def _in_session(meeting: Meeting, actor: Actor) -> Meeting:
    current = _unfinished(meeting, actor)
    if current.status != MeetingStatus.IN_SESSION:
        raise WrongState(gettext("Items are closed while the meeting is in session; open it first."))
    return current


def _open(meeting: Meeting, ask_id: int) -> ApprovalRequest:
    """The ask, locked, where this meeting's board is asked still."""
    found = ApprovalRequest.objects.select_for_update(no_key=True).filter(
        pk=ask_id, panel_kind=KIND, panel_id=meeting.board_id, status=ApprovalRequest.Status.OPEN
    )
    approval = found.first()
    if approval is None:
        raise WrongState(gettext("This item is settled, or another board is asked."))
    return approval
