"""Planning an experiment: its change is asked about like any other, with a stake."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical
from changes.change.operations.asking import ask_gate
from changes.change.operations.opening import GateRequest
from changes.change.vocabulary import EXPERIMENT
from changes.chaos import permissions
from changes.chaos.models import ChaosExperiment
from changes.chaos.queries import measured_in
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted
from itsm.notifications.outgoing import OutgoingRefused
from itsm.webhooks.sending import judged

if TYPE_CHECKING:
    from catalog.models import Service
    from itsm.accounts.models import User

LEAST_STAKE, MOST_STAKE = Decimal("0.0001"), Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is planned. `stake`: the share of each gating budget of the service that it may burn (0.05 = 5 %)."""

    service: "Service"
    environment: str
    summary: str
    hypothesis: str
    blast_radius: str
    stake: Decimal
    abort_url: str
    plan: str
    backout: str
    window: tuple[datetime, datetime] | None = None
    implementer: "User | None" = None


@transaction.atomic
def plan_experiment(plan: Plan, *, actor: Actor, at: datetime) -> ChaosExperiment:
    """Open its change, ask the gate about it, and keep what an experiment says besides. People decide where it has no
    artifact, as about any change.

    Raises NotPermitted, InvalidInput (a stake out of bounds, an address that nothing is sent to, a window that is
    over), UnknownEnvironment, MissingInformation (no way back; no measured budget that could be watched) and Conflict
    (planned already).
    """
    if not permissions.askers(actor):
        raise NotPermitted(gettext("Engineers, owners and change managers plan experiments."))
    _require_sound(plan, at)
    request = GateRequest(
        service=plan.service, environment=plan.environment, change_class="normal", purpose=EXPERIMENT,
        summary=plan.summary, plan=plan.plan, backout=plan.backout, window=plan.window, implementer=plan.implementer,
        stake=plan.stake,
    )  # fmt: skip
    change = ask_gate(request, actor=actor, at=at, by_hand=True).change
    if ChaosExperiment.objects.filter(change=change).exists():
        said = gettext("%(change)s is this experiment already; ask again there, or give the new one another name.")
        raise Conflict(said % {"change": change.reference})
    experiment = ChaosExperiment.objects.create(
        change=change, hypothesis=plan.hypothesis, blast_radius=plan.blast_radius, abort_url=plan.abort_url
    )
    noted = {"hypothesis": [None, plan.hypothesis], "stake": [None, str(plan.stake)]}
    lifecycle.announce(change, "experiment_planned", actor=actor, changes=noted)
    return experiment


def _require_sound(plan: Plan, at: datetime) -> None:
    if not LEAST_STAKE <= plan.stake <= MOST_STAKE:
        raise InvalidInput.about(
            "stake", gettext("A stake is between 0.01 % and 50 % of a budget: a share from 0.0001 to 0.5.")
        )
    try:
        judged(plan.abort_url)
    except OutgoingRefused as error:
        raise InvalidInput.about("abort_url", str(error)) from error
    environment = canonical(plan.environment)
    if not measured_in(plan.service.pk, environment, at):
        raise MissingInformation(
            gettext(
                "No measured objective of %(service)s gates changes in %(environment)s: nobody would see what an "
                "experiment burns there. Give it an objective first."
            )
            % {"service": plan.service.slug, "environment": environment},
        )
