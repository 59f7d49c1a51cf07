"""What goes with a person who is erased, or whose account is merged into another: ways in are nobody else's."""

from itsm.accounts.models import KnownPlace, User
from itsm.kernel.actors import Actor
from itsm.second_factors.models import CodeApp, RecoveryCode, SecurityKey, WrongTry

_THEIRS = (CodeApp, SecurityKey, RecoveryCode, WrongTry, KnownPlace)


def count(person: User) -> int:
    """How many factors, codes and places are theirs."""
    return sum(kind._default_manager.filter(user=person).count() for kind in _THEIRS)


def forget(person: User) -> int:
    """They go, in the caller's transaction. How many."""
    return sum(kind._default_manager.filter(user=person).delete()[0] for kind in _THEIRS)


def follow(old: User, new: User, actor: Actor) -> int:
    """Of an account that ends: nothing passes, whoever goes on comes in by their own."""
    return forget(old)
