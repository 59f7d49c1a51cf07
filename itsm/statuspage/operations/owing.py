"""What follows every change of what the public reads: a new snapshot, and mails to those who asked for them.

Both are rows of the outbox in a lane that needs no broker: it may be the broker that the public is told about.
"""

import secrets

from itsm.notifications.outbox import enqueue
from itsm.statuspage.models import PublicUpdate

SNAPSHOT, TELLING, MAIL = "status-snapshot", "status-telling", "status-mail"


def owe_snapshot() -> None:
    """The snapshot is made anew once this transaction is committed."""
    enqueue(SNAPSHOT, {}, aggregate=SNAPSHOT, key=f"{SNAPSHOT}:{secrets.token_hex(12)}")


def owe_update(update: PublicUpdate) -> None:
    """The public page shows it, and each subscriber of its components is told once."""
    owe_snapshot()
    enqueue(TELLING, {"update": update.pk}, aggregate=f"{TELLING}:{update.pk}", key=f"{TELLING}:{update.pk}")
