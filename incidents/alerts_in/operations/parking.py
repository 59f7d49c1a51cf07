"""Bodies that could not be read wait until somebody looks: tried again once the mapping is mended, or discarded."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.alerts_in import permissions
from incidents.alerts_in.models import AlertIntake
from incidents.alerts_in.operations.applying import apply_stored
from incidents.alerts_in.vocabulary import IntakeStatus
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState


@transaction.atomic
def retry(intake: AlertIntake, *, actor: Actor) -> AlertIntake:
    """Read it once more, as received now; it may be parked again. Raises NotPermitted, WrongState."""
    current = _parked(intake, actor)
    current.status, current.reason, current.received_at = IntakeStatus.NEW, "", timezone.now()
    apply_stored(current)
    return _done(current, actor, "retried")


@transaction.atomic
def discard(intake: AlertIntake, *, actor: Actor) -> AlertIntake:
    """Nothing is made of it. Raises NotPermitted, WrongState."""
    current = _parked(intake, actor)
    current.status = IntakeStatus.DISCARDED
    return _done(current, actor, "discarded")


def _parked(intake: AlertIntake, actor: Actor) -> AlertIntake:
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Change managers and administrators decide about parked bodies."))
    current = (
        AlertIntake.objects.select_for_update(of=("self",), no_key=True).select_related("source").get(pk=intake.pk)
    )
    if current.status != IntakeStatus.PARKED:
        raise WrongState(gettext("It is not parked."), available=[])
    return current


def _done(current: AlertIntake, actor: Actor, event: str) -> AlertIntake:
    current.version += 1
    current.save(update_fields=["status", "reason", "received_at", "version"])
    lifecycle.announce(current, event, actor=actor)
    return current
