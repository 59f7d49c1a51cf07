"""The questions about the platform's own tables, which lie below this app and know nothing of it."""

from itsm.invariants.known import register
from itsm.invariants.platform import (
    catalogue,
    history,
    kept_bytes,
    outside,
    owed,
    promised,
    promises_of_ours,
    scope,
    ways_in,
)


def register_all() -> None:
    """Called once, at start."""
    for one in (
        history.COMPLETE,
        owed.INTAKE,
        owed.DELIVERED,
        owed.ONE_EFFECT,
        scope.SCOPE,
        history.LEGAL,
        promised.ON_TIME,
        ways_in.WAYS_IN,
        kept_bytes.BYTES,
        catalogue.CATALOGUE,
        *outside.all_of_them(),
    ):
        register(one)
    promises_of_ours.register_ours()
