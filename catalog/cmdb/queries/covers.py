"""Which change covers an edit. What lies above registers in `ready()` how it is found; nobody here imports it."""

from collections.abc import Callable, Collection
from datetime import datetime

from catalog.cmdb.models import CI
from catalog.services.queries import reached_from

# (services, instant, a named reference or "") -> the reference of the change that covers an edit of these services:
# the named one where it could, else one that ran then or had ended lately; "" where there is none.
Covers = Callable[[Collection[int], datetime, str], str]
_registered: list[Covers] = []


def come_from(covers: Covers) -> None:
    """Called once, in `ready()`."""
    if covers not in _registered:
        _registered.append(covers)


def covering(item: CI, at: datetime, named: str = "") -> str:
    """The reference of the change that covers an edit of this item at that instant; "" where none does."""
    if not _registered:
        return ""
    services = services_of(item)
    return next((found for covers in _registered if (found := covers(services, at, named))), "")


def services_of(item: CI) -> set[int]:
    """The services that feel it when an item fails; a service is its own."""
    return {item.pk, *(one.service_id for one in reached_from([item.pk]))}
