"""How a war room wakes people: by what is registered, and without it by urgent news that pass quiet hours."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from incidents.major.models import Major


class PagePeople(Protocol):
    """Pages these people about a major incident at once, in the caller's transaction; rather twice than never."""

    def __call__(self, people: Collection[int], major: "Major", *, title: str, at: datetime) -> None: ...


_pages: list[PagePeople] = []


def paged_by(page: PagePeople) -> None:
    """Called once, in `ready()` of what reaches people. Raises nothing."""
    _pages[:] = [page]


def page_people(people: Collection[int], major: "Major", *, title: str, at: datetime) -> None:
    """Page these people, where anything pages. Raises nothing of its own."""
    for page in _pages if people else ():
        page(people, major, title=title, at=at)
