"""Situations of the gate: services whose budgets stand where a test wants them, and questions to the gate.

A budget's figures are set as an evaluation would have left them, so that a test says "constrained" in one
word; the tests of the SLO engine show that real samples lead there. Instants are given.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any

from django.db import transaction

from catalog.models import Service
from changes.calendar.operations import lockdowns, windows
from changes.calendar.workflow import WindowStatus
from changes.change.operations import asking, deploying, reviewing
from changes.change_models import operations as change_models
from changes.models import Attestation, Attestor, CalendarWindow, Change, ChangeModel, Deployment, Evaluation
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from slo.models import Budget, Objective
from tests.factories.slo import MINUTE, T0, a_service, an_objective

SECOND = "second-manager"  # who approves lockdowns
OPERATOR = Actor.system("tests")
BOUNDS = {"progressive": True, "rollback_tested": False}
_numbers = count(1)
# As an evaluation writes them: remaining, level, flags, state.
STANDINGS: dict[str, dict[str, Any]] = {
    "healthy": {"remaining": Decimal("0.9")},
    "watch": {"remaining": Decimal("0.4"), "level": "watch"},
    "constrained": {"remaining": Decimal("0.15"), "level": "constrained"},
    "exhausted": {"remaining": Decimal("-0.5"), "level": "exhausted"},
    "burning_fast": {"remaining": Decimal("0.7"), "flags": ["burning_fast"]},
    "burning_slow": {"remaining": Decimal("0.7"), "flags": ["burning_slow"], "state": "watch"},
    "no_data": {"remaining": Decimal("0.9"), "watermark": -timedelta(minutes=11)},
    "low_confidence": {"remaining": Decimal("0.9"), "coverage": Decimal("0.5"), "flags": ["low_confidence"]},
}


def a_window(actor: Actor, *, at: datetime = T0, **words: Any) -> CalendarWindow:
    """A window of the calendar that is in force: a lockdown is approved by a second change manager."""
    window = windows.add_window(actor=actor, at=at, **({"reason": "Now."} | words))
    if window.status != WindowStatus.DRAFT:
        return window
    second, _new = User.objects.get_or_create(username=SECOND, defaults={"roles": ["manager"]})
    lockdowns.submit(window, actor=actor, at=at)
    return lockdowns.approve(window, actor=actor_for(second, Door.WEB), at=at)


def a_measured_service(state: str = "healthy", at: datetime = T0, **fields: Any) -> Service:
    """A tier 3 service with one gating objective in production, whose budget stands like this at `at`."""
    service = a_service(**{"tier": 3} | fields)
    stands(an_objective(at=at, service=service), state, at)
    return service


def stands(objective: Objective, state: str, at: datetime, **figures: Any) -> Budget:
    """Set the budget as an evaluation at `at` would have left it in this state.

    It counts as evaluated for years to come: nothing is measured here, so whoever judged it anew would see nothing.
    """
    said = STANDINGS[state] | figures
    remaining = said["remaining"]
    figures = {
        "evaluated_at": at + timedelta(days=3650),
        "watermark": at + said.get("watermark", timedelta(0)),
        "remaining": remaining,
        "reserved": 0,
        "headroom": remaining,
        "coverage": said.get("coverage", Decimal(1)),
        "allowed": said.get("allowed", Decimal(10_000)),
        "burn": [Decimal(0)] * 7,
        "flags": said.get("flags", []),
        "level": said.get("level", "healthy"),
        "level_since": at,
        "state": said.get("state", state),
        "measured_minutes": 28 * 1440,
        "gates_since": at,
        "trust": said.get("trust", Decimal(1)),
        "trust_marks": said.get("trust_marks", []),
        "trust_at": at,
    }
    Budget.objects.filter(pk=objective.pk).update(**figures)
    return Budget.objects.select_related("objective").get(pk=objective.pk)


def restate(service: Service, state: str, at: datetime, **figures: Any) -> Budget:
    """The same for the one objective of a service."""
    return stands(Objective.objects.get(service=service), state, at, **figures)


def a_model(service: Service, owner: Actor, at: datetime = T0, **bounds: Any) -> ChangeModel:
    """Deployments of this service are standard changes, on the owner's word."""
    slug = f"{service.slug}-deployment"
    with transaction.atomic():
        model = change_models.propose_model(
            actor=Actor.system("models"), service=service, slug=slug, at=at, **BOUNDS | bounds
        )
        return change_models.approve_proposed(model, actor=owner, version=model.version, at=at)


def question(service: Service, **words: Any) -> asking.GateRequest:
    """A normal deployment with a plan, a way back and an artifact of its own."""
    number = next(_numbers)
    said: dict[str, Any] = {
        "service": service,
        "environment": "production",
        "change_class": "normal",
        "purpose": "feature",
        "summary": f"Deploy release {number}",
        "plan": "Roll out with the deployment pipeline.",
        "backout": "Roll back to the release before.",
        "artifact_digest": f"sha256:{number:064x}",
        "artifact_version": f"1.{number}",
        "commit": f"{number:040x}",
        "pipeline": {"provider": "ci", "repository": "shop", "workflow": "deploy", "run_id": str(number)},
    }
    return asking.GateRequest(**said | words)


def ask(service: Service, actor: Actor, at: datetime = T0, **words: Any) -> Evaluation:
    return asking.ask_gate(question(service, **words), actor=actor, at=at)


def change_of(evaluation: Evaluation) -> Change:
    """The change as it stands now."""
    return Change.objects.select_related("service").get(pk=evaluation.change_id)


def an_artifact(name: str) -> str:
    """A digest that names one artifact for ever."""
    return f"sha256:{sha256(name.encode()).hexdigest()}"


def attested(
    service: Service, digest: str, by: User, at: datetime = T0, about: Iterable[str] = ("peer_review",), **said: Any
) -> list[Attestation]:
    """Somebody's word about an artifact, one for each subject."""
    words = [
        Attestation(
            service=service,
            artifact_digest=digest,
            about=subject,
            by=by,
            at=at,
            source="review",
            **{"passed": 1} | said,
        )
        for subject in about
    ]
    return Attestation.objects.bulk_create(words)


def an_attestor(service: Service, account: User, by: User, at: datetime = T0, about: str = "peer_review") -> Attestor:
    """Somebody named this account: its word about the subject counts."""
    return Attestor.objects.create(service=service, about=about, account=account, named_by=by, named_at=at)


def start(change: Change, actor: Actor, at: datetime = T0, **bound: Any) -> Deployment:
    """Start what was authorised, naming its artifact."""
    bound = {"artifact_digest": change.artifact_digest} | bound
    return deploying.start_deployment(change, actor=actor, at=at, **bound)


def ran(
    change: Change, actor: Actor, at: datetime = T0, *, status: str = "succeeded", clean: bool = True
) -> Deployment:
    """A whole run: started, finished a minute later, watched to its end. The budgets stand as they stand."""
    deployment = deploying.finish_deployment(start(change, actor, at), actor=actor, status=status, at=at + MINUTE)
    if clean:
        restate(change.service, "healthy", at + MINUTE + deploying.WATCH)
        deploying.watch_over(change.pk, at + MINUTE + deploying.WATCH)
    deployment.refresh_from_db()
    return deployment


def reviewed(change: Change, actor: Actor, at: datetime = T0) -> Change:
    """Looked back at: the three questions are answered."""
    answers = {"review_worked": "No.", "review_cost": "An hour of two people.", "review_follow_up": "A rehearsal."}
    return reviewing.review(change, actor=actor, at=at, **answers)
