"""How far a plan is: step by step who is asked, who has said what, in whose place, and what it still needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from itsm.accounts.models import User
from itsm.approvals.models import ApprovalDecision, ApprovalPlan, ApprovalRequest
from itsm.approvals.stepping import from_json


@dataclass(frozen=True, slots=True)
class PartShown:
    """`people`: who may answer, by name; `status`: "" before it is asked, else that of its ask; `left`: approvals that
    it still needs, 0 once it is over.
    """

    label: str
    people: Sequence[User]
    quorum: int
    status: str
    answers: Sequence[ApprovalDecision]
    left: int


@dataclass(frozen=True, slots=True)
class StepShown:
    """`number` counts from 1. `is_current`: its answers are waited for."""

    number: int
    rule: str
    parts: Sequence[PartShown]
    is_current: bool


def progress(plan: ApprovalPlan) -> list[StepShown]:
    """A plan as pages draw it. Three queries."""
    steps = from_json(plan.steps)
    asks = {ask.part: ask for ask in plan.asks.prefetch_related("answers__by", "answers__in_place_of")}
    people = User.objects.in_bulk({one for step in steps for part in step.parts for one in part.people})
    return [
        StepShown(
            number + 1,
            step.rule,
            [
                _part(part.label, [people[one] for one in sorted(part.people) if one in people], part.quorum,
                      asks.get(part.name))
                for part in step.parts
            ],
            plan.status == ApprovalPlan.Status.OPEN and number == plan.step,
        )
        for number, step in enumerate(steps)
    ]  # fmt: skip


def _part(label: str, people: list[User], quorum: int, ask: ApprovalRequest | None) -> PartShown:
    people.sort(key=str)
    if ask is None:
        return PartShown(label, people, quorum, "", [], quorum)
    answers = list(ask.answers.all())
    approved = sum(one.decision == ApprovalDecision.Decision.APPROVE for one in answers)
    left = max(0, quorum - approved) if ask.status == ApprovalRequest.Status.OPEN else 0
    return PartShown(label, people, quorum, ask.status, answers, left)
