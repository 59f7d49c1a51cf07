"""Whose change it is: on one's own change one does one's work; on another's, who has a stake there keeps off."""

from changes.change.models import Change
from itsm.accounts.interest import natural_persons, require_no_interest, stake_of
from itsm.accounts.raised import raised_by
from itsm.kernel.actors import Actor


def is_own(change: Change, actor: Actor, *, also: int | None = None) -> bool:
    """Did the natural person behind this actor ask for, write or carry out the change (or `also`: an account)?

    Raises nothing.
    """
    accounts = {*change.interested, *([also] if also is not None else [])}
    return actor.id in accounts or actor.person_id in natural_persons(accounts)


def require_own_or_no_interest(change: Change, actor: Actor, *, doing: str, also: int | None = None) -> None:
    """Raise NotPermitted for who works on somebody else's change and has a stake in the same service.

    What ends there frees its place and its share of the budget for what waits.
    """
    if not actor.is_system and not is_own(change, actor, also=also):
        require_no_interest(actor, [change.service_id], doing=doing)


def is_witness(change: Change, actor: Actor) -> bool:
    """Whether this actor's word that it works is that of another person: they did not want it, wants nothing of its
    service that is open, and nobody who wanted it made them able to say so. Three queries or four. Raises nothing."""
    if not actor.is_human or actor.id is None:
        return False
    if is_own(change, actor):
        return False
    return stake_of(actor, [change.service_id]) is None and raised_by(actor.id, change.interested) is None
