"""Ways in beside the password, for the sign-in page; apps above say which there are, in `AppConfig.ready()`."""

from collections.abc import Callable
from typing import NamedTuple


class Way(NamedTuple):
    """A button: what it is called, and the address at which that way begins."""

    name: str
    address: str


# (next_url): the ways, each of which comes back to there.
Listing = Callable[[str], list[Way]]
# (by): where a session of this door goes once it is signed out; None: to the sign-in page.
Leaving = Callable[[str], str | None]

# What people call the doors of an app: `by` of a session -> name.
Naming = Callable[[], dict[str, str]]

_listings: list[Listing] = []
_leavings: list[Leaving] = []
_namings: list[Naming] = []


def register(listing: Listing, *, leaving: Leaving | None = None) -> None:
    """Called once per app, at start."""
    _listings.append(listing)
    if leaving is not None:
        _leavings.append(leaving)


def register_names(naming: Naming) -> None:
    """Called once per app whose doors have names of their own, at start."""
    _namings.append(naming)


def names() -> dict[str, str]:
    """What people call each door that has a name of its own, by `by` of its sessions. A query for each app."""
    return {by: name for naming in _namings for by, name in naming().items()}


def name_of(by: str) -> str:
    """The same for one door, as histories keep it; `by` itself where it has no name of its own."""
    return names().get(by, by) if ":" in by else by


def offered(next_url: str) -> list[Way]:
    """All buttons, in the order of registration."""
    return [way for listing in _listings for way in listing(next_url)]


def left_for(by: str) -> str | None:
    """Where a session of this door goes once it is signed out."""
    return next((found for leaving in _leavings if (found := leaving(by))), None)
