"""Of which records people are asked. What stands above registers its kind in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from itsm.kernel.errors import NotFound


class Owner(NamedTuple):
    """`whose(record_id)`: the id of the account that may answer, None for nobody's. `named(record_id)`: its reference,
    which is all that is shown to who holds a link; `scope`: of tokens, to write to such a record."""

    whose: Callable[[int], int | None]
    named: Callable[[int], str]
    scope: str


_owners: dict[str, Owner] = {}


def register(kind: str, owner: Owner) -> None:
    """Called once per kind of record, at start."""
    _owners[kind] = owner


def kinds() -> Mapping[str, Owner]:
    """Every kind of record of which people are asked."""
    return _owners


def owner_of(kind: str) -> Owner:
    """NotFound for a kind of which nobody is asked."""
    if kind not in _owners:
        raise NotFound("Nobody is asked about that.")
    return _owners[kind]
