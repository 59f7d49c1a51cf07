"""The steps of an item's life, each with a row of its history."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb.models import CI
from catalog.cmdb.operations.editing import require_living
from catalog.cmdb.operations.histories import BY_HAND, Origin, record
from catalog.cmdb.operations.interest import require_no_interest
from catalog.cmdb.workflow import WORKFLOW
from catalog.services.models import Service
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState


@contextmanager
def _step(item: CI, action: str, actor: Actor, at: datetime | None, reason: str, origin: Origin) -> Iterator[CI]:
    """The step, with what it leaves in the history. WrongState for a service, which is in service while it is there."""
    service = Service.objects.filter(pk=item.pk).first()
    if service is not None:
        words = gettext(
            "%(reference)s is the service %(slug)s, which is in service as long as it is in the catalog:"
            " what there is to say of it is said at %(address)s."
        )
        address = service.get_absolute_url()
        raise WrongState(words % {"reference": item.reference, "slug": service.slug, "address": address})
    with lifecycle.step(item, action, actor=actor, remark=reason) as current:
        require_living(current)
        before, current.reason = current.status, reason
        yield current
        after = WORKFLOW.steps[action].leads_to(before)
        record(current, {"status": (str(before), str(after))}, actor=actor, at=at or timezone.now(), origin=origin)


@WORKFLOW.takes("order")
def order(item: CI, *, actor: Actor, at: datetime | None = None, origin: Origin = BY_HAND) -> CI:
    """It is bought, and lies in stock. Raises NotPermitted and WrongState."""
    with _step(item, "order", actor, at, "", origin) as current:
        return current


@WORKFLOW.takes("build")
def build(item: CI, *, actor: Actor, at: datetime | None = None, origin: Origin = BY_HAND) -> CI:
    """Somebody begins to build it. Raises NotPermitted and WrongState."""
    with _step(item, "build", actor, at, "", origin) as current:
        return current


@WORKFLOW.takes("put_into_service")
def put_into_service(item: CI, *, actor: Actor, at: datetime | None = None, origin: Origin = BY_HAND) -> CI:
    """It serves from now on.

    Raises NotPermitted, WrongState and MissingInformation (an owner team, or what its class requires).
    """
    with _step(item, "put_into_service", actor, at, "", origin) as current:
        return current


@WORKFLOW.takes("take_out")
def take_out(item: CI, *, actor: Actor, reason: str, at: datetime | None = None, origin: Origin = BY_HAND) -> CI:
    """It is out of service for a while. Raises NotPermitted, WrongState and MissingInformation (no reason)."""
    with _step(item, "take_out", actor, at, reason, origin) as current:
        return current


@WORKFLOW.takes("retire")
def retire(item: CI, *, actor: Actor, reason: str = "", at: datetime | None = None, origin: Origin = BY_HAND) -> CI:
    """It serves no more; its arrows go with it, so that nobody with an interest in a change that they hold retires it.

    Raises NotPermitted, WrongState and MissingInformation (no reason, and something rests on it).
    """
    with _step(item, "retire", actor, at, reason, origin) as current:
        require_no_interest(actor, [current.pk], doing=gettext("retire it"))
        return current


@WORKFLOW.takes("revive")
def revive(item: CI, *, actor: Actor, reason: str, at: datetime | None = None, origin: Origin = BY_HAND) -> CI:
    """What was retired is planned again. Raises NotPermitted, WrongState and MissingInformation (no reason)."""
    with _step(item, "revive", actor, at, reason, origin) as current:
        return current
