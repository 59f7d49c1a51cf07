"""The probe: decide on a change that nobody has asked for, and keep nothing of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from catalog.environments.queries import canonical
from catalog.environments.vocabulary import DEFAULT
from changes.change.models import Change, Evaluation
from changes.change.queries.evidence import gather
from changes.change.queries.verdicts import Explained, explained
from changes.change_models import queries as change_model_queries
from changes.gate.decide import decide
from changes.gate.evidence import Evidence
from changes.gate.policy import Policy
from changes.policies.queries import in_force
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound

if TYPE_CHECKING:
    from catalog.models import Service

_NO_CONTENT = "0" * 64
_SOME_ARTIFACT = f"sha256:{_NO_CONTENT}"


@dataclass(frozen=True, slots=True)
class Probed:
    """What the gate would say, on which evidence, by which policy."""

    said: Explained
    evidence: Evidence
    policy: Policy


def probe(service: "Service", *, actor: Actor, at: datetime, **asked: Any) -> Explained:
    """`probed`, of which the verdict alone is wanted."""
    return probed(service, actor=actor, at=at, **asked).said


def probed(
    service: "Service",
    *,
    actor: Actor,
    at: datetime,
    environment: str = DEFAULT,
    change_class: str = "normal",
    purpose: str = "feature",
    asker: int | None = None,
) -> Probed:
    """What the gate would say to a change with an artifact, a plan, a backout and nothing else. Reads only.

    `asker`: the account that would ask, a program of the actor's; None: the actor.
    """
    change = Change(
        service=service,
        environment=canonical(environment),
        content_hash=_NO_CONTENT,
        requested_by_id=actor.id if asker is None else asker,
        artifact_digest=_SOME_ARTIFACT,
        backout="assumed",
        model=change_model_queries.of_service(service) if change_class == "standard" else None,
    )
    asked = Evaluation(change=change, claims={"change_class": change_class, "purpose": purpose}, pipeline={})
    policy = in_force()
    evidence = gather(asked, at, recovery_ratios=policy.recovery_ratios())
    return Probed(explained(decide(evidence, policy)), evidence, policy)


def program_called(name: str, actor: Actor) -> int | None:
    """The account of this name among the programs that are the actor's own; None for no name.

    Raises NotFound, also for a program of somebody else.
    """
    if not name:
        return None
    mine = User.objects.filter(username=name[:150].replace("\0", ""), owner=actor.person_id or 0, is_active=True)
    found = mine.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(gettext("You have no program of this name."))
    return found
