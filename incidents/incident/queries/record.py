"""One incident by its reference, and those that belong to it."""

from dataclasses import dataclass

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext

from catalog.services.queries import visible_services
from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.queries.listing import RELATED
from incidents.incident.queries.sight import may_see
from incidents.incident.workflow import OPEN
from itsm import rows
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in

_OPEN_CHILDREN = f"""EXISTS (
  SELECT FROM incidents_incident child
  WHERE child.parent_id = it.id AND child.status IN ({", ".join(f"'{status}'" for status in sorted(OPEN))})
)"""
_MOST_CHILDREN = 100


def by_reference(actor: Actor, text: str) -> Incident:
    """The incident with this reference, or NotFound (also where it may not be seen)."""
    number, staff = number_in(text, "INC"), permissions.staff(actor)
    incident = _numbered(number, staff) if number else None
    if incident is None or not (actor.is_system or may_see(actor, incident)):
        raise NotFound(gettext("There is no incident %(text)s, or you may not see it.") % {"text": text[:20]})
    if not staff:
        prefetch_related_objects([incident], Prefetch("service", visible_services(actor)))
    return incident


def _numbered(number: int, staff: bool) -> Incident | None:
    related = (*RELATED, "service") if staff else RELATED
    return rows.joined(Incident, related, "it.id = %s", [number], open_children=_OPEN_CHILDREN)


def survivor_of(incident: Incident, actor: Actor) -> Incident | None:
    """What it was merged into, where the actor may see that."""
    found = incident.merged_into
    return found if found is not None and may_see(actor, found) else None


@dataclass(frozen=True, slots=True)
class Family:
    """Parent and children, as far as the reader may see them."""

    parent: Incident | None
    children: list[Incident]


def family_of(incident: Incident, actor: Actor) -> Family:
    """Its parent and its children, in the order in which they were opened."""
    parent = incident.parent if incident.parent is not None and may_see(actor, incident.parent) else None
    children = Incident.objects.visible_to(actor).filter(parent=incident).order_by("pk")
    return Family(parent, list(children[:_MOST_CHILDREN]))
