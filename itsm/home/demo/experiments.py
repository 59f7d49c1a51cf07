"""What is tried on purpose: an experiment that found something, and a service whose gate is only listened to yet."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from changes.change.operations import deploying, people_decide, shadowing
from changes.change.workflow import Status
from changes.chaos.operations import conclude, open_finding, plan_experiment
from changes.chaos.operations.planning import Plan
from itsm.approvals import confirming
from itsm.home.demo.clockwork import Life
from itsm.home.demo.founding import Company

_AGO = timedelta(days=5, hours=4)
_SHOWN = (
    "Orders went on, as expected. But the page of a product waited eight seconds for its pictures before it was drawn "
    "without them: the time-out is longer than anybody waits."
)


def of_experiment(company: Company, founded: datetime) -> Life:
    """One that was let go, ran for an hour, refuted what was expected, and left a problem."""
    at = yield founded - _AGO
    engineer = company.actors["engineer"]
    experiment = plan_experiment(
        Plan(
            service=company.services["storefront"], environment="production",
            summary="Take the eastern picture site away for an hour",
            hypothesis="Products are shown within a second, with pictures of the western site.",
            blast_radius="One of two picture sites, for a tenth of all customers.",
            stake=Decimal("0.05"), abort_url="https://chaos.larkspur.example/experiments/pictures/abort",
            plan="Shift a tenth of requests to a name that does not answer.", backout="Shift them back: a minute.",
        ),
        actor=engineer, at=at,
    )  # fmt: skip
    at = yield at + timedelta(minutes=30)
    change = experiment.change
    for name in ("approver", "owner"):
        change.refresh_from_db()
        if change.status in (Status.ASSESSING, Status.AUTHORISING):
            who = replace(company.actors[name], proved_at=timezone.now())
            said = "A tenth of customers for an hour is what we can afford."
            people_decide.decide_by_person(change, actor=who, decision="approve", comment=said, at=at)
    at = yield at + timedelta(minutes=20)
    change.refresh_from_db()
    if change.status != Status.SCHEDULED:
        return
    run = deploying.start_deployment(change, actor=engineer, at=at, artifact_digest=change.artifact_digest)
    at = yield at + timedelta(hours=1)
    deploying.finish_deployment(run, actor=engineer, status=run.Status.SUCCEEDED, at=at)
    at = yield at + timedelta(hours=1)
    experiment.refresh_from_db()
    conclude(experiment, actor=engineer, finding="refuted", shown=_SHOWN, at=at)
    found = "Product pages wait eight seconds for pictures that do not come"
    open_finding(experiment, actor=engineer, statement=found, at=at)


def of_listening(company: Company, founded: datetime) -> Life:
    """The catalogue asks the gate, and is not stopped by it yet: four weeks of answers first, on two names."""
    at = yield founded - timedelta(minutes=4)
    asked = shadowing.ask_shadow(
        company.services["catalogue"], actor=company.actors["owner"], until=at + timedelta(days=27), at=at,
        reason="Its history holds a failed release in seven. Four weeks of answers, then we let the gate rule.",
    )  # fmt: skip
    second = replace(company.actors["manager"], proved_at=timezone.now())
    confirming.confirm(asked, actor=second, at=at, version=asked.version)
