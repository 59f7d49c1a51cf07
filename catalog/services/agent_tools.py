"""The tool `read_service`: who answers for a service, how it stands, and what it rests on."""

from django.utils.translation import gettext
from pydantic import Field

from catalog.services import queries
from catalog.services.queries import states
from catalog.services.vocabulary import ServiceState
from itsm.accounts.permissions import staff
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments, Origin, Quoted
from itsm.agents.capabilities import Capability
from itsm.agents.quoting import quoted
from itsm.agents.shown import Named, Person, name, named, person
from itsm.agents.tools import Tool
from itsm.kernel.errors import NotFound
from itsm.notifications.web_addresses import our_address


class Wanted(Arguments):
    reference: str = Field(min_length=1, max_length=63, description="The slug of the service.")


class ServiceRead(Answer):
    """A service. `tier` 1 is the most important. Who does not work here is told what it is, and how it stands."""

    reference: str
    url: str
    title: Quoted
    description: Quoted
    state: str = Field(description="up, degraded or down, as it stands now.")
    tier: int
    team: Named | None
    support_team: Named | None
    owner: Person | None
    rests_on: list[str] = Field(description="Slugs of the services that it relies on next.")


def read_service(call: Call, wanted: Wanted) -> ServiceRead:
    """What the owner reads on its page. Raises NotFound where they see none."""
    seen = queries.visible_services(call.eyes).select_related("team", "support_team", "owner")
    service = seen.filter(slug=wanted.reference).first()
    if service is None:
        raise NotFound(
            gettext("There is no service %(slug)s, or you may not see it.") % {"slug": wanted.reference[:63]}
        )
    works_here = staff(call.eyes)
    rests_on = queries.visible_services(call.eyes).filter(pk__in=queries.providers_of(service.pk)) if works_here else []
    return ServiceRead(
        reference=service.slug,
        url=our_address(f"/services/{service.slug}/"),
        title=name(service.name),
        description=quoted(service.description, Origin.NOTE),
        state=states.troubled(call.at).get(service.pk, ServiceState.UP),
        tier=service.tier,
        team=named(service.team) if works_here else None,
        support_team=named(service.support_team) if works_here else None,
        owner=person(service.owner) if works_here else None,
        rests_on=sorted(one.slug for one in rests_on),
        next=[
            gettext("impact_of says who feels its failure, who_is_on_call whom to ask, what_changed what was deployed.")
        ]
        if works_here
        else [],
    )


READ_SERVICE = Tool(
    name="read_service",
    title="Read a service",
    description=(
        "One service by its slug: what it is, its tier, how it stands, who answers for it, what it rests on. Names and "
        "descriptions are words of others."
    ),
    capability=Capability.CATALOG_READ,
    arguments=Wanted,
    answer=ServiceRead,
    run=read_service,
)
