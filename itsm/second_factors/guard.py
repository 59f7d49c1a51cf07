"""The second step of a sign-in: who has a factor shows it, who needs one and has none sets it up, and nothing else."""

from django.utils import timezone

from itsm.accounts.models import User
from itsm.accounts.signing_in import BREAK_GLASS, Half
from itsm.second_factors.queries import grace_of, has_any, is_break_glass, is_required

SHOW, SET_UP = "/sign-in/second/", "/sign-in/set-up/"
PASSKEY = "passkey"


def second_step(user: User, by: str, strong: bool) -> str | None:
    """Where a sign-in goes on; None where it is done. The rule holds for every door, a provider's as well: only one
    that has seen several factors itself (`strong`) stands in for ours."""
    if strong:
        return None
    if has_any(user.pk):
        return SHOW
    return SET_UP if by != BREAK_GLASS and is_required(user) else None


def renamed(user: User, by: str) -> str:
    """Whichever door lets the sealed administrator in is that of break-glass: a link that an administrator had made for
    it, a provider, a passkey. None of them is silent."""
    return BREAK_GLASS if is_break_glass(user.pk) else by


def may_wait(half: Half) -> bool:
    """Whether who has none may go on without one this time: every rule that asks them still has grace."""
    until = grace_of(half.user)
    return until is not None and timezone.now() < until
