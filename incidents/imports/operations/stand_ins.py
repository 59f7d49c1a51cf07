"""Stand-ins for the other desk's people, teams and categories: inactive, so that nothing new goes to them."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from incidents.incident.models import Category
from incidents.incident.operations.categories import BETWEEN
from itsm.accounts.models import Team, User
from itsm.audit.recording import record_event, together
from itsm.kernel.actors import Actor
from itsm.search import index
from itsm.search.offers import offer_of
from itsm.slugs import slug_of

_LONGEST_NAME = 60  # of a category; three of them fit into a path


def noted(records: list[Any], event: str, actor: Actor) -> None:
    """History and search of many records, by one statement each, in the caller's transaction.

    Nobody else hears of what is imported: it happened long ago and elsewhere.
    Clocks, mails and rules stay still. Raises nothing.
    """
    with together():
        for one in records:
            record_event(f"{one.kind}.{event}", one, actor=actor)
    if records and (offer := offer_of(type(records[0]))) is not None:
        index.keep(offer, records)


def stand_in(prefix: str, name: str) -> str:
    """The name that somebody or something of there has here: readable, and of no two the same."""
    plain = slug_of(name)
    if plain != name.lower() or len(plain) > 40:
        plain = f"{plain[:30]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".strip("-")
    return f"{prefix}-{plain}"


class StandIns:
    """Those of one source; what was found or made is remembered while the import goes on."""

    def __init__(self, prefix: str, label: str, actor: Actor) -> None:
        self._prefix, self._label, self._actor = prefix, label, actor
        self.people: dict[str, User] = {}
        self.teams: dict[str, Team] = {}
        self.categories: dict[tuple[str, ...], Category] = {}

    def forget(self) -> None:
        """What was remembered in a transaction that was rolled back may not be there."""
        self.people, self.teams, self.categories = {}, {}, {}

    def need_people(self, names: Iterable[str]) -> None:
        """Let `people` hold an account for each of these names; empty names are nobody."""
        wanted = {stand_in(self._prefix, name): name for name in names if name and name not in self.people}
        there = {one.username: one for one in User.objects.filter(username__in=wanted)}
        made = [
            User(username=login, name=f"{self._label} {name}"[:150], is_active=False, password=make_password(None))
            for login, name in wanted.items()
            if login not in there
        ]
        noted(User.objects.bulk_create(made), "imported", self._actor)
        there |= {one.username: one for one in made}
        self.people |= {name: there[login] for login, name in wanted.items()}

    def need_teams(self, names: Iterable[str]) -> None:
        """Let `teams` hold a team for each of these names. One that was merged here stands for its survivor."""
        wanted = {stand_in(self._prefix, name): name for name in names if name and name not in self.teams}
        found = Team.objects.filter(slug__in=wanted).select_related("merged_into")
        there = {one.slug: one.merged_into or one for one in found}
        made = [
            Team(slug=slug, name=f"{self._label} {name}"[:100], takes_work=True, retired_at=timezone.now())
            for slug, name in wanted.items()
            if slug not in there
        ]
        noted(Team.objects.bulk_create(made), "imported", self._actor)
        there |= {one.slug: one for one in made}
        self.teams |= {name: there[slug] for slug, name in wanted.items()}

    def need_categories(self, paths: Iterable[tuple[str, ...]]) -> None:
        """Let `categories` hold each of these, names from the top, and what is above it."""
        every = {path[:depth] for path in paths for depth in range(1, len(path) + 1)} - set(self.categories)
        for depth in sorted({len(path) for path in every}):
            level = {self._path(path): path for path in every if len(path) == depth}
            there = {one.path: one for one in Category.objects.filter(path__in=level)}
            made = [
                Category(
                    name=self._category(path[-1]),
                    path=full,
                    depth=depth,
                    parent=self.categories.get(path[:-1]),
                    retired_at=timezone.now(),
                )
                for full, path in level.items()
                if full not in there
            ]
            noted(Category.objects.bulk_create(made), "imported", self._actor)
            there |= {one.path: one for one in made}
            self.categories |= {path: there[full] for full, path in level.items()}

    def _path(self, path: tuple[str, ...]) -> str:
        return BETWEEN.join(self._category(name) for name in path)

    def _category(self, name: str) -> str:
        """As the people and teams of there are called here; a name that a filter could not say becomes a plain one."""
        sayable = name.isprintable() and len(name) <= _LONGEST_NAME and not {",", "/"} & set(name)
        return f"{self._label} {name}" if sayable else stand_in(self._prefix, name)
