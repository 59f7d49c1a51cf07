"""The README's tour by a Python client that was generated from the schema: tour.py ADDRESS AUTHOR APPROVER SENDER.

The three are tokens: of who asks and deploys, of who approves, of who measures. Run by test_clients.py.
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from headroom_client import AuthenticatedClient
from headroom_client.api.changes import (
    changes_approvals_create,
    changes_deployments_create,
    changes_deployments_partial_update,
    changes_retrieve,
)
from headroom_client.api.gate_evaluations import gate_evaluations_create, gate_evaluations_retrieve
from headroom_client.api.services import services_gate_retrieve, services_list
from headroom_client.api.slis import slis_samples_create
from headroom_client.api.slos import slos_budget_retrieve, slos_forecast_retrieve
from headroom_client.models import (
    ApprovalWordsRequest,
    ArtifactRequest,
    BudgetShown,
    ChangeShown,
    DecisionEnum,
    DeploymentEndStatusEnum,
    DeploymentShown,
    DeploymentStartRequest,
    EvaluationDocument,
    FileRecordedShown,
    ForecastShown,
    GateQuestionRequest,
    NewSamplesRequest,
    NewSamplesRequestSamplesItem,
    PaginatedServiceShownList,
    PatchedDeploymentEndRequest,
    PipelineRequest,
    ProbeDocument,
    Problem400,
    Problem401,
)

T = TypeVar("T")
DIGEST = "sha256:" + "c" * 64


def of(kind: type[T], answer: object) -> T:
    assert isinstance(answer, kind), answer
    return answer


def main(address: str, author: str, approver: str, sender: str) -> None:
    asking, approving, measuring = (AuthenticatedClient(address, token) for token in (author, approver, sender))
    services = of(PaginatedServiceShownList, services_list.sync(client=asking))
    assert [one.slug for one in services.results] == ["checkout", "ledger"]
    probe = of(ProbeDocument, services_gate_retrieve.sync("ledger", client=asking))
    assert probe.reasons[0].sentence
    number = authorised(asking, approving)
    deployed(asking, number)
    measured(measuring)
    refused(asking, address)


def authorised(asking: AuthenticatedClient, approving: AuthenticatedClient) -> str:
    """Ask the gate, have a person approve, read the answer again."""
    question = GateQuestionRequest(
        service="checkout",
        summary="Deploy by a generated client",
        artifact=ArtifactRequest(digest=DIGEST, version="3"),
        pipeline=PipelineRequest(run_id=77, attempt="1", url="http://jenkins:8080/job/77/"),
    )
    asked = of(EvaluationDocument, gate_evaluations_create.sync(client=asking, body=question, idempotency_key="tour"))
    assert (asked.allowed, asked.expires_at) == (False, None), asked
    assert asked.change.page.startswith("http")
    again = of(EvaluationDocument, gate_evaluations_create.sync(client=asking, body=question, idempotency_key="tour"))
    assert again.id == asked.id
    words = ApprovalWordsRequest(decision=DecisionEnum.APPROVE, comment="Read")
    of(ChangeShown, changes_approvals_create.sync(asked.change.number, client=approving, body=words))
    answer = of(EvaluationDocument, gate_evaluations_retrieve.sync(asked.id, client=asking))
    assert answer.allowed
    return asked.change.number


def deployed(asking: AuthenticatedClient, number: str) -> None:
    """Start what was authorised, and finish it."""
    start = DeploymentStartRequest(artifact=ArtifactRequest(digest=DIGEST))
    started = of(DeploymentShown, changes_deployments_create.sync(number, client=asking, body=start))
    assert started.finished_at is None
    end = PatchedDeploymentEndRequest(status=DeploymentEndStatusEnum.SUCCEEDED)
    finished = of(
        DeploymentShown,
        changes_deployments_partial_update.sync(number, str(started.number), client=asking, body=end),
    )
    assert finished.finished_at is not None
    change = of(ChangeShown, changes_retrieve.sync(number, client=asking))
    assert change.model is None


def measured(measuring: AuthenticatedClient) -> None:
    """Send a minute, and read the budget and its forecast."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=2)
    sample = NewSamplesRequestSamplesItem(minute=minute, good=9, total=10)
    sent = slis_samples_create.sync("checkout-requests", client=measuring, body=NewSamplesRequest([sample]))
    assert of(FileRecordedShown, sent).accepted == 1
    of(BudgetShown, slos_budget_retrieve.sync("checkout-answers", client=measuring))
    forecast = of(ForecastShown, slos_forecast_retrieve.sync("checkout-answers", client=measuring, outage_minutes=5))
    assert forecast.formulas


def refused(asking: AuthenticatedClient, address: str) -> None:
    """Refusals are typed as well."""
    wrong = GateQuestionRequest(service="chekout", summary="Deploy")
    problem = of(Problem400, gate_evaluations_create.sync(client=asking, body=wrong))
    assert problem.type_.value == "/problems/invalid-input"
    assert "checkout" in str(problem.errors)
    nobody = of(Problem401, services_list.sync(client=AuthenticatedClient(address, "hr_nothing")))
    assert nobody.type_.value == "/problems/token-unknown"


if __name__ == "__main__":
    main(*sys.argv[1:])
