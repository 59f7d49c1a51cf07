"""Lifting a lock that guessing has put on a sign-in."""

from typing import Any

from axes.utils import reset
from django.db import transaction

from itsm.accounts.models import User
from itsm.accounts.operations.checks import people_keepers_only
from itsm.accounts.queries.lockouts import Lockout
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor


@transaction.atomic
def lift(lockout: Lockout, *, actor: Actor) -> int:
    """The next try from that address counts from one again. Repeatable. Returns how many rows that took.

    Raises NotPermitted.
    """
    people_keepers_only(actor)
    lifted: int = reset(ip=lockout.address, username=lockout.login)
    changes: dict[str, list[Any]] = {"address": [lockout.address, None], "failures": [lockout.failures, 0]}
    record_event("lockout.lifted", lockout, actor=actor, changes=changes)
    account = User.objects.filter(username__iexact=lockout.login).first()
    if account is not None:
        record_event("user.unlocked", account, actor=actor, changes=changes)
    return lifted
