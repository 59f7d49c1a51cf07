"""A check of everything, now: asked for on the page, done beside, told how far it is.

It is a due row: whoever sweeps begins it on a thread of its own, as it reads for seconds to minutes with a connection a
core. Killed in between it is begun anew ten minutes later.
"""

import logging
import threading
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.audit.recording import record_event
from itsm.audit_trail import checking
from itsm.audit_trail.models import AskedCheck
from itsm.audit_trail.permissions import check_askers
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted

logger = logging.getLogger(__name__)
DUE = "audit.check_asked_for"
AGAIN = timedelta(minutes=10)
FRESH = timedelta(minutes=1)  # so long what was found answers who asks again: it takes a connection a core


@transaction.atomic
def ask(*, actor: Actor, at: datetime) -> AskedCheck:
    """Owe a check of everything; the one that is under way, or ended within a minute, where there is one. Raises
    NotPermitted."""
    if not check_askers(actor) or actor.id is None:
        said = gettext(
            "%(actor_name)s may not ask for a check of everything: an auditor or an administrator does, in person."
        )
        raise NotPermitted(said % {"actor_name": actor.name})
    # Not one of a clock that was ahead: it would answer until then.
    if just_ended := AskedCheck.objects.filter(ended_at__gt=at - FRESH, ended_at__lte=at).first():
        return just_ended
    made, is_new = AskedCheck.objects.get_or_create(ended_at=None, defaults={"asked_by_id": actor.id, "asked_at": at})
    if not is_new:
        return made
    record_event("user.audit_checked", User.objects.get(pk=actor.id), actor=actor)
    due.schedule(DUE, AskedCheck.kind, made.pk, at)
    return made


def begin_when_due(check_id: int, at: datetime) -> None:
    """Begin it beside, unless it goes on somewhere; look again in ten minutes whether it has ended. Raises nothing."""
    held = AskedCheck.objects.select_for_update(of=("self",), no_key=True).filter(pk=check_id, ended_at=None).first()
    if held is None:
        return
    due.schedule(DUE, AskedCheck.kind, check_id, at + AGAIN)
    if held.moved_at is not None and held.moved_at > at - AGAIN / 2:
        return
    AskedCheck.objects.filter(pk=check_id).update(moved_at=at)
    transaction.on_commit(lambda: threading.Thread(target=_beside, args=(check_id,), daemon=True).start(), robust=True)


def _beside(check_id: int) -> None:
    try:
        carry_out(check_id)
    except Exception:  # it is promised again
        logger.exception("check %s of the history", check_id)
    finally:
        connection.close()


def carry_out(check_id: int) -> None:
    """Check everything, saying how far it is, and keep what was found. Raises nothing."""

    def told(done: int, of: int) -> None:
        AskedCheck.objects.filter(pk=check_id).update(done=done, of=of, moved_at=timezone.now())

    checking.check(timezone.now(), whole=True, told=told)
    AskedCheck.objects.filter(pk=check_id).update(ended_at=timezone.now())
    due.cancel(AskedCheck.kind, check_id, DUE)
