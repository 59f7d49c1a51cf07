"""After a restore nothing leaves: what is owed stands as it stood then, and may have been sent since.

A row without `released_at` holds every delivery. The restore writes it in the transaction that brings the rows back;
a person who has looked releases it (`manage.py release_outgoing`), which is audited.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from itsm.notifications.models import Delivery, Quarantine


def since() -> datetime | None:
    """Since when outgoing deliveries are held; None while they leave."""
    return Quarantine.objects.filter(released_at=None).values_list("since", flat=True).order_by("id").first()


def owed() -> int:
    """How many deliveries wait."""
    return Delivery.objects.filter(delivered_at=None, dead_at=None).count()


@transaction.atomic
def release(at: datetime, *, actor: Actor) -> int:
    """Let what is owed leave from now on. Returns how many deliveries that concerns."""
    held = list(Quarantine.objects.select_for_update(no_key=True).filter(released_at=None))
    if not held:
        raise WrongState(_("Nothing is held: outgoing deliveries leave."))
    waiting = owed()
    for one in held:
        one.released_at = at
        one.save(update_fields=["released_at"])
        record_event(
            "released outgoing", one, actor=actor, changes={"released_at": [None, at]}, remark=f"{waiting} owed"
        )
    return waiting
