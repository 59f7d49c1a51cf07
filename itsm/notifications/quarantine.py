"""After a restore nothing leaves: what is owed stands as it stood then, and may have been sent since.

A row without `released_at` holds every delivery. The restore writes it in the transaction that brings the rows back;
a person who has looked releases it (`manage.py release_outgoing`), which is audited.
"""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from itsm.audit.recording import record_event
from itsm.configuration import reading
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from itsm.notifications.models import Delivery, Quarantine
from itsm.prepared import Prepared

# Asked before each delivery.
_SINCE = Prepared(
    "held_since", "SELECT since FROM notifications_quarantine WHERE released_at IS NULL ORDER BY id LIMIT 1"
)


def since() -> datetime | None:
    """Since when outgoing deliveries are held; None while they leave."""
    with connection.cursor() as cursor:
        _SINCE.run(cursor, {})
        found = cursor.fetchone()
    return found[0] if found else None


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
    transaction.on_commit(reading.forget)
    for one in held:
        one.released_at = at
        one.save(update_fields=["released_at"])
        record_event(
            "released outgoing", one, actor=actor, changes={"released_at": [None, at]}, remark=f"{waiting} owed"
        )
    return waiting
