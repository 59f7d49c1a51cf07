"""Which articles may answer an incident."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.knowledge.queries import reads_it
from catalog.knowledge.queries.searching import suggest
from catalog.knowledge.queries.shown import excerpt_of
from incidents.incident.models import Incident
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Actor, Door

if TYPE_CHECKING:
    from catalog.models import Article


@dataclass(frozen=True, slots=True)
class Offered:
    """`for_caller`: whether the caller may read it, so that it may be sent to them."""

    article: "Article"
    excerpt: str
    for_caller: bool


def answers_for(incident: Incident, actor: Actor, text: str = "") -> list[Offered]:
    """Articles that the actor may see and that answer its title, or what they typed instead."""
    found = suggest(actor, text or incident.title, service_id=incident.service_id).articles
    caller = incident.caller if found else None
    reader = actor_for(caller, Door.TASK) if caller is not None else None
    return [Offered(one, excerpt_of(one), reader is not None and reads_it(one, reader)) for one in found]
