"""Postmortems in the states that tests begin with, made by their own operations."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident, Postmortem
from incidents.postmortem import operations
from itsm.kernel.actors import Actor


def an_incident(actor: Actor, **said: Any) -> Incident:
    return incidents.open_incident(actor=actor, **({"title": "Checkout returns 502", "priority": 3} | said))


def resolved(actor: Actor, at: datetime | None = None, **said: Any) -> Incident:
    data_loss = said.pop("data_loss", False)
    incident = incidents.acknowledge(an_incident(actor, **said), actor=actor)
    return incidents.resolve(
        incident, actor=actor, resolution="Rolled back", resolution_code="solved", data_loss=data_loss, at=at
    )


def a_draft(actor: Actor, **said: Any) -> Postmortem:
    return operations.open_postmortem(actor=actor, incident=said.pop("incident", None) or an_incident(actor), **said)


def written(actor: Actor, postmortem: Postmortem | None = None, **words: Any) -> Postmortem:
    """A draft with a factor and an action, by this actor."""
    postmortem = postmortem or a_draft(actor)
    said = {"impact": "Nobody could pay for 12 minutes", "factors": ["Retries without a cap"]} | words
    kept = operations.edit(postmortem, actor=actor, version=postmortem.version, **said)
    an_action(actor, kept)
    return kept


def an_action(actor: Actor, postmortem: Postmortem, owner: Any = None, **said: Any) -> Any:
    from itsm.accounts.models import User

    fields = {"action_type": "prevent", "text": "Cap retries", "due_at": timezone.now() + timedelta(days=10)} | said
    return operations.add_action(postmortem, actor=actor, owner=owner or User.objects.get(pk=actor.id), **fields)


def published(author: Actor, second: Actor, postmortem: Postmortem | None = None) -> Postmortem:
    return operations.publish(
        operations.submit(written(author, postmortem), actor=author), actor=second, at=timezone.now()
    )


def waived(asker: Actor, second: Actor, postmortem: Postmortem) -> Postmortem:
    asked = operations.ask_waiver(postmortem, actor=asker, waiver_reason="A drill")
    return operations.waive(asked, actor=second)
