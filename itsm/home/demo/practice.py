"""How the company keeps its change practice: a policy being written and tested, one in shadow, models of every state.

None of it decides about the stories of the changes: what rules stays what Headroom brings along.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from changes.back_tests.operations import asking, working
from changes.change_models import operations as change_models
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.gate.questionnaire import Answer, Question, Questionnaire
from changes.model_review import operations as model_review
from changes.policies import operations as policies
from itsm.home.demo.founding import Company

if TYPE_CHECKING:
    from changes.models import ChangeModel

_ASKS = Questionnaire(
    (
        Question(
            "migrates", "Does it change a database schema?",
            (Answer("no", "No", 0), Answer("adds", "It only adds columns or tables", 4), Answer("yes", "Yes", 12)),
        ),
        Question(
            "goes_back", "Has going back been tried with data?", (Answer("yes", "Yes", 0), Answer("no", "No", 12)),
            {"migrates": ("yes",)},
        ),
        Question(
            "shared", "Do other teams call what it changes?", (Answer("no", "No", 0), Answer("yes", "Yes", 6)),
            {"production": ("yes",)},
        ),
    ),
    medium_from=10, high_from=20,
)  # fmt: skip


def keep_practice(company: Company, *, at: datetime) -> None:
    """Two policies beside the ruling one, a back-test that is done, and models: proposed, edited, suspended, due."""
    _policies(company, at)
    _models(company, at)


def _policies(company: Company, at: datetime) -> None:
    manager = company.actors["manager"]
    kinder = policy_to_json(default_policy(version=2))
    kinder["table"]["normal_low"]["healthy"] |= {"needs": [], "otherwise": None}
    kinder["table"]["normal_medium"]["watch"] |= {"outcome": "cab"}
    draft = policies.start_draft(
        actor=manager, title="Trust healthy budgets, ask more when they shrink", content=kinder, at=at
    )
    asking.ask(draft, actor=manager, since=at - timedelta(days=90), until=at, at=at)
    working.go_on(30.0)
    asks = policy_to_json(replace(default_policy(version=2), questionnaire=_ASKS))
    beside = policies.start_draft(actor=manager, title="Ask what a change touches", content=asks, at=at)
    policies.begin_shadow(beside, actor=manager, version=beside.version, at=at)


def _approved(company: Company, at: datetime, **bounds: Any) -> "ChangeModel":
    """Proposed by an engineer, approved by the administrator."""
    model = change_models.propose_model(actor=company.actors["engineer"], at=at, **bounds)
    return change_models.approve_proposed(model, actor=company.actors["admin"], version=model.version, at=at)


def _models(company: Company, at: datetime) -> None:
    admin, engineer, services = company.actors["admin"], company.actors["engineer"], company.services
    change_models.propose_model(
        actor=engineer, service=services["storefront"], slug="storefront-flags", at=at - timedelta(days=1),
        paths=["flags/*"], days=["mon", "tue", "wed", "thu"], hours_from="09:00", hours_until="16:00",
        zone="Europe/Berlin", most_commits=3, progressive=True, rollback_tested=True,
    )  # fmt: skip
    _approved(
        company, service=services["catalogue"], slug="catalogue-index-rebuild", at=at - timedelta(days=170),
        repository="catalogue-jobs", workflow_name="rebuild", rollback_tested=True,
    )  # fmt: skip
    stopped = _approved(
        company, service=services["payments"], slug="payments-certificates", at=at - timedelta(days=40),
        repository="payments", workflow_name="certificates", progressive=True,
    )  # fmt: skip
    change_models.suspend_model(
        stopped, actor=admin, version=stopped.version, because="The new certificate authority is not proven yet"
    )
    edited = _approved(
        company, service=services["checkout"], slug="checkout-prices", at=at - timedelta(days=30),
        repository="prices", workflow_name="publish", progressive=True, rollback_tested=True,
    )  # fmt: skip
    change_models.write_version(
        edited, actor=engineer, version=edited.version, at=at - timedelta(hours=5), paths=["prices/*.json"],
        most_commits=5,
    )  # fmt: skip
    model_review.keep_figures(at)
