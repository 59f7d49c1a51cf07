"""What an answer must be, whoever asked: about this content, once for each seat, with a reason where it says no."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext

from itsm.approvals.eligibility import Standing
from itsm.approvals.models import ApprovalDecision, ApprovalPlan, ApprovalRequest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation, WrongState
from itsm.kernel.texts import is_blank


def nobody_is_asked(record: Any) -> WrongState:
    """The refusal of an answer that nobody waits for."""
    return WrongState(
        gettext("Nobody is asked to decide about %(record_reference)s now.") % {"record_reference": record.reference}
    )


def refuse_other_content(asked: ApprovalRequest | ApprovalPlan, content_hash: str, reference: str) -> None:
    """WrongState where the record is not any more what was asked about."""
    if asked.content_hash != content_hash:
        raise WrongState(
            gettext("%(record_reference)s has changed since the ask; it is put again.")
            % {"record_reference": reference}
        )


def refuse_votes(decision: str) -> None:
    """InvalidInput for words that only boards know."""
    if decision not in (ApprovalDecision.Decision.APPROVE, ApprovalDecision.Decision.DECLINE):
        raise InvalidInput.about("decision", gettext("Only boards vote; here one approves or declines."))


def refuse_second_answer(approval: ApprovalRequest, actor: Actor, standing: Standing, reference: str) -> None:
    """A person and whoever decides in their place answer once: WrongState."""
    known = answered_already(approval, actor, standing)
    if known is not None:
        raise WrongState(
            gettext("%(actor_name)s has already answered about %(record_reference)s.")
            % {"actor_name": known.said_by, "record_reference": reference}
        )


def answered_already(approval: ApprovalRequest, actor: Actor, standing: Standing) -> ApprovalDecision | None:
    """What they, or whoever else has their seat, said to this ask."""
    place = actor.id if standing.place_of is None else standing.place_of.pk
    there = Q(by=actor.id) | Q(by=place, in_place_of=None) | Q(in_place_of=place)
    return approval.answers.select_related("by", "in_place_of").filter(there).first()


def refuse_without_reason(decision: str, comment: str) -> None:
    """MissingInformation for a no that says not why."""
    if is_blank(comment) and decision == ApprovalDecision.Decision.DECLINE:
        raise MissingInformation(gettext("Say why you decline, so that the author can act on it."))
    if is_blank(comment) and decision == ApprovalDecision.Decision.RECUSE:
        raise MissingInformation(gettext("Say why you withdraw from deciding; the minutes keep it."))
