"""What an incident that holds changes asks of whoever would let go of them."""

from catalog.services.queries import read_by_changes_of
from incidents.incident.models import Incident
from itsm.accounts import interest
from itsm.kernel.actors import Actor, Role

# Who may confirm it as a second person.
SECOND_ROLES = (Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)


def services_without_interest(incident: Incident, actor: Actor, doing: str) -> list[int]:
    """The services whose changes it holds; NotPermitted for programs and people with an interest in one of them."""
    services = read_by_changes_of([incident.service_id] if incident.service_id is not None else [])
    interest.require_no_interest(actor, services, doing=doing)
    return services
