"""Saying which service of ours something of a platform is. What waited for it is applied then.

Where something is deployed decides what is looked for: mapped to another service, or out of production, a deployment
without an authorisation would stay unseen. So nobody with a stake in the service says it.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical
from catalog.services.queries import every_service
from changes.delivery import permissions
from changes.delivery.models import DeliverySource, DeploymentRoute, PlatformDelivery
from changes.delivery.operations.receiving import soon
from changes.delivery.queries.routes import unmapped_like
from changes.delivery.vocabulary import DeliveryStatus
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank

if TYPE_CHECKING:
    from catalog.models import Service


@transaction.atomic
def map_deployments(
    *,
    actor: Actor,
    source: DeliverySource,
    repository: str,
    service: "Service",
    environment: str,
    at: datetime,
    workflow: str = "",
    theirs: str = "",
) -> DeploymentRoute:
    """From now on, and for what waits, this is that service. An empty workflow or `theirs` means any.

    Raises NotPermitted (also with a stake in the service), InvalidInput, UnknownEnvironment and Conflict.
    """
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Change managers and administrators, in person, map deployments to services."))
    require_no_interest(actor, [service.pk], doing=gettext("map deployments to a service"))
    if is_blank(repository):
        raise InvalidInput.about("repository", gettext("Name the repository."))
    route = DeploymentRoute(
        source=source, repository=repository.strip().lower(), workflow=workflow, theirs=theirs, service=service,
        environment=canonical(environment), created_by_id=actor.id, created_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            route.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(gettext("This is mapped already; take that mapping away first.")) from error
    changes = {
        "repository": [None, str(route)],
        "service": [None, service.slug],
        "environment": [None, route.environment],
    }
    lifecycle.created(route, actor=actor, changes=changes, at=at)
    _look_again(route, at)
    return route


def _look_again(route: DeploymentRoute, at: datetime) -> None:
    """What waited for it is read once more."""
    waiting = list(unmapped_like(route).select_for_update(of=("self",), no_key=True).order_by("pk"))
    for delivery in waiting:
        delivery.status, delivery.reason = DeliveryStatus.NEW, ""
    if waiting:
        PlatformDelivery.objects.bulk_update(waiting, ["status", "reason"], batch_size=500)
        soon(route.source_id, at)


@transaction.atomic
def unmap(route: DeploymentRoute, *, actor: Actor, version: int | None) -> None:
    """What is told from now on of this waits for another mapping. What was told stays.

    Raises NotPermitted (also with a stake in the service), NotFound and StaleVersion.
    """
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Change managers and administrators, in person, map deployments to services."))
    require_no_interest(actor, [route.service_id], doing=gettext("take away a mapping of deployments"))
    current = lifecycle.locked(route, going=True)
    lifecycle.check_version(current, version, required=False)
    lifecycle.announce(current, "removed", actor=actor, changes={"repository": [str(current), None]})
    current.delete()


@transaction.atomic
def replay(delivery: PlatformDelivery, *, actor: Actor, at: datetime) -> PlatformDelivery:
    """Read it once more. What it told before is known, and stays as it is. Raises NotPermitted, WrongState."""
    current = _decided(delivery, actor)
    if current.status == DeliveryStatus.NEW:
        raise WrongState(gettext("It waits already."), state=current.status)
    current.status, current.reason = DeliveryStatus.NEW, ""
    return _kept(current, actor, "replayed", at)


@transaction.atomic
def discard(delivery: PlatformDelivery, *, actor: Actor, at: datetime) -> PlatformDelivery:
    """Nothing is made of it. Raises NotPermitted (also with a stake in any service: nobody knows yet which one it is),
    WrongState (something was made of it).
    """
    require_no_interest(actor, _any(), doing=gettext("discard what platforms tell"))
    current = _decided(delivery, actor)
    if current.status not in (DeliveryStatus.PARKED, DeliveryStatus.UNMAPPED):
        raise WrongState(gettext("Nothing of it waits for a decision."), state=current.status)
    current.status = DeliveryStatus.DISCARDED
    return _kept(current, actor, "discarded", at)


def _decided(delivery: PlatformDelivery, actor: Actor) -> PlatformDelivery:
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Change managers and administrators decide about deliveries."))
    rows = PlatformDelivery.objects.select_for_update(of=("self",), no_key=True).select_related("source__account")
    return rows.get(pk=delivery.pk)


def _any() -> list[int]:
    return list(every_service().order_by().values_list("pk", flat=True))


def _kept(current: PlatformDelivery, actor: Actor, event: str, at: datetime) -> PlatformDelivery:
    current.version += 1
    current.save(update_fields=["status", "reason", "version"])
    lifecycle.announce(current, event, actor=actor, at=at)
    if current.status == DeliveryStatus.NEW:
        soon(current.source_id, at)
    return current
