"""The probe: decide on a change that nobody has asked for, and keep nothing of it."""

from datetime import datetime
from typing import TYPE_CHECKING

from catalog.environments.queries import canonical
from catalog.environments.vocabulary import DEFAULT
from changes.change.models import Change, Evaluation
from changes.change.queries.evidence import gather
from changes.change.queries.verdicts import Explained, explained
from changes.change_models import queries as change_model_queries
from changes.gate.decide import decide
from changes.policies.queries import in_force
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from catalog.models import Service

_NO_CONTENT = "0" * 64
_SOME_ARTIFACT = f"sha256:{_NO_CONTENT}"


def probe(
    service: "Service",
    *,
    actor: Actor,
    at: datetime,
    environment: str = DEFAULT,
    change_class: str = "normal",
    purpose: str = "feature",
) -> Explained:
    """What the gate would say to a change with an artifact, a plan, a backout and nothing else. Reads only."""
    change = Change(
        service=service,
        environment=canonical(environment),
        content_hash=_NO_CONTENT,
        requested_by_id=actor.id,
        artifact_digest=_SOME_ARTIFACT,
        backout="assumed",
        model=change_model_queries.of_service(service) if change_class == "standard" else None,
    )
    asked = Evaluation(change=change, claims={"change_class": change_class, "purpose": purpose}, pipeline={})
    policy = in_force()
    return explained(decide(gather(asked, at, recovery_ratios=policy.recovery_ratios()), policy))
