"""What a pipeline tells of a deployment afterwards: that it happened, and perhaps that nobody could be asked."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext

from changes.change.models import Evaluation
from changes.delivery import permissions
from changes.delivery.formats.told import Told
from changes.delivery.models import DeploymentEvent
from changes.delivery.operations.matching import match
from changes.delivery.operations.recording import record_event
from changes.delivery.vocabulary import ToldBy
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted

if TYPE_CHECKING:
    from catalog.models import Service

ANSWERED_LATELY = timedelta(days=1)


@transaction.atomic
def report(
    *, actor: Actor, service: "Service", environment: str, at: datetime, blind: bool = False, **said: Any
) -> DeploymentEvent:
    """Record it, and look for its authorisation. `said`: fields of `Told`. The same run again is the same deployment.

    A run that the gate has answered was not blind, whatever it says.

    Raises NotPermitted, InvalidInput and UnknownEnvironment, as `record_event` does.
    """
    if not permissions.tellers(actor):
        raise NotPermitted(gettext("Programs that may ask the gate tell of deployments."))
    run_id, repository = said.get("run_id", ""), said.get("repository", "")
    was_blind = blind and not _was_answered(service, environment, repository, run_id, at)
    told = Told(
        told_by=ToldBy.REPORT, external_id=_id_of(actor, service, environment, said), service=service,
        environment=environment, blind=was_blind, who=actor.name, **said,
    )  # fmt: skip
    return match(record_event(told, actor=actor, at=at), at=at)


def _was_answered(service: "Service", environment: str, repository: str, run_id: str, at: datetime) -> bool:
    if not run_id:
        return False
    asked = Evaluation.objects.filter(
        change__service=service, change__environment=environment, asked_at__gt=at - ANSWERED_LATELY,
        pipeline__run_id=run_id,
    )  # fmt: skip
    return any(str(one.pipeline.get("repository") or "").lower() == repository.lower() for one in asked[:50])


def _id_of(actor: Actor, service: "Service", environment: str, said: dict[str, Any]) -> str:
    """By the run; of one without, by what it put there; of one that says neither, its own."""
    names = ("repository", "run_id") if said.get("run_id") else ("artifact_digest", "commit", "version")
    parts = [str(said.get(name) or "") for name in names]
    if not any(parts):
        return uuid.uuid4().hex
    text = "\n".join((str(actor.id), service.slug, environment, *parts))
    return hashlib.sha256(text.encode()).hexdigest()
