"""Which service of ours something of a platform is: the most exact mapping counts."""

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q, QuerySet

from catalog.environments.queries import UnknownEnvironment, canonical
from catalog.services.queries import every_service
from changes.delivery.formats import Place
from changes.delivery.models import DeliverySource, DeploymentRoute, PlatformDelivery
from changes.delivery.vocabulary import DeliveryStatus

if TYPE_CHECKING:
    from catalog.models import Service


class Way(NamedTuple):
    """The service and the environment of ours."""

    service: "Service"
    environment: str


def way_of(source: DeliverySource, place: Place) -> Way | None:
    """By a mapping; else by the sender's own word for a service, where both words are ours. None: nobody knows.

    Two queries at most.
    """
    fits = DeploymentRoute.objects.filter(
        Q(workflow="") | Q(workflow=place.workflow),
        Q(theirs="") | Q(theirs=place.environment),
        source=source,
        repository=place.repository.lower(),
    ).select_related("service")
    found = sorted(fits, key=lambda one: (bool(one.theirs), bool(one.workflow), one.pk))
    if found:
        return Way(found[-1].service, found[-1].environment)
    return _named(place)


def _named(place: Place) -> Way | None:
    if not place.service:
        return None
    service = every_service().filter(slug=place.service.lower()[:63]).first()
    if service is None:
        return None
    try:
        return Way(service, canonical(place.environment))
    except UnknownEnvironment:
        return None


def unmapped_like(route: DeploymentRoute) -> QuerySet[PlatformDelivery]:
    """What waits for a mapping and would be found by this one, oldest first."""
    waiting = PlatformDelivery.objects.filter(
        source=route.source_id, status=DeliveryStatus.UNMAPPED, repository=route.repository
    )
    if route.workflow:
        waiting = waiting.filter(workflow=route.workflow)
    if route.theirs:
        waiting = waiting.filter(environment=route.theirs)
    return waiting.order_by("pk")
