"""Who feels an incident: the items that it affects, and what rests on them."""

from dataclasses import dataclass

from catalog.cmdb.queries.impact import FeltService, services_felt
from catalog.cmdb.queries.items import KIND as ITEM
from catalog.engine.graph import State
from incidents.incident.models import Incident
from incidents.incident.queries.of_services import affected_items, state_by
from itsm.kernel.actors import Actor
from itsm.work.linking import Linked, Relation, linked_to


@dataclass(frozen=True, slots=True)
class FeltBy:
    """`state`: down or degraded, of what it is on. `items`: the links to what it affects, as far as the reader may see
    it; `unseen`: there are more. `services`: worst first."""

    state: str
    items: list[Linked]
    unseen: bool
    services: list[FeltService]


def felt_by(incident: Incident, actor: Actor) -> FeltBy:
    """Who feels it: its service and its items are as its priority says, whatever its state."""
    items = [item for _incident, item in affected_items([incident.pk])]
    on = {*items, *([incident.service_id] if incident.service_id is not None else [])}
    state = State[state_by(incident).name]
    links = linked_to(incident, actor) if items else []
    seen = [one for one in links if one.relation is Relation.AFFECTS and one.record.kind == ITEM]
    felt = services_felt(dict.fromkeys(on, state), actor)
    return FeltBy(state.name.lower(), seen, len(items) > len(seen), felt)
