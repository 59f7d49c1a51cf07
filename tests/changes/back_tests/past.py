"""A past of changes: asked, answered by people, over; and a draft that is kinder to healthy budgets."""

from datetime import datetime, timedelta
from typing import Any

from changes.change.operations import people_decide
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import Change, Deployment, Evaluation, GatePolicy
from changes.policies import operations as policies
from itsm.kernel.actors import Actor
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import T0

HOUR = timedelta(hours=1)


def kinder() -> dict[str, Any]:
    """A normal change of low risk goes while the budget is healthy, whoever reviewed it."""
    content = policy_to_json(default_policy(version=2))
    content["table"]["normal_low"]["healthy"] |= {"outcome": "approved", "needs": [], "otherwise": None}
    return content


def a_kinder_draft(keeper: Actor, at: datetime = T0) -> GatePolicy:
    return policies.start_draft(actor=keeper, title="Trust healthy budgets", content=kinder(), at=at)


def is_over(evaluation: Evaluation, outcome_code: str = "", *, rolled_back: bool = False) -> Change:
    """As its life would have left it: closed with this code, or cancelled before it ran."""
    change = Change.objects.filter(pk=evaluation.change_id)
    if not outcome_code:
        change.update(status="cancelled")
        return change.get()
    at = evaluation.asked_at + HOUR
    change.update(status="scheduled", authorised_until=at + HOUR)
    change.update(status="running", started_at=at)
    change.update(status="reviewing", finished_at=at)
    change.update(status="closed", outcome_code=outcome_code)
    Deployment.objects.create(
        change=change.get(), number=1, evaluation=evaluation, environment="production",
        status="rolled_back" if rolled_back else "succeeded", started_at=at, finished_at=at,
    )  # fmt: skip
    return change.get()


def ten_changes(asker: Actor, approver: Actor, at: datetime = T0) -> list[Evaluation]:
    """People were asked about all of them. The budget was healthy for 1-6; 3 and 8 failed; 10 never ran. About 1 people
    answered after two hours."""
    found = []
    for number in range(1, 11):
        service = a_measured_service("healthy" if number <= 6 else "watch", at=at)
        found.append(ask(service, asker, at=at))
    people_decide.decide_by_person(found[0].change, actor=approver, decision="approve", comment="", at=at + 2 * HOUR)
    for number, one in enumerate(found, 1):
        one.refresh_from_db()
        codes = {3: "unsuccessful", 8: "unsuccessful", 10: ""}
        is_over(one, codes.get(number, "successful"))
    return found
