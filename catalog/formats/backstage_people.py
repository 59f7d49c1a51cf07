"""Groups and users of Backstage: teams, and people who are only named."""

import re

from django.utils.translation import gettext

from catalog.formats.backstage_refs import Entity, refs, team_slug
from catalog.formats.documents import Person, Team
from catalog.formats.drafting import Gathered, NotTaken, at, first, word

_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+\Z")


def group(entity: Entity, gathered: Gathered) -> None:
    """A team with its parent, children and members. Raises NotTaken where it stands there already."""
    slug = team_slug(entity.key)
    if entity.key in gathered.teams or slug in {team.slug for team in gathered.teams.values()}:
        raise NotTaken(gettext("The team “%s” stands there twice.") % slug)
    parents = refs(entity, "parent", "group")
    gathered.teams[entity.key] = Team(
        entity.key, slug, _called(entity), parents[0] if parents else None, tuple(refs(entity, "children", "group")),
        tuple(refs(entity, "members", "user")),
    )  # fmt: skip


def user(entity: Entity, gathered: Gathered) -> None:
    """A person with their teams. Raises NotTaken where they stand there already."""
    login = entity.name.lower()
    if login in {person.login for person in gathered.people.values()}:
        raise NotTaken(gettext("The person “%s” stands there twice.") % login)
    email = word(at(entity.spec, "profile", "email"))
    email = email if email and len(email) <= 254 and _EMAIL.match(email) else None
    teams = tuple(refs(entity, "memberOf", "group"))
    gathered.people[entity.key] = Person(entity.key, login, _called(entity), email, teams)


def _called(entity: Entity) -> str:
    said = (at(entity.spec, "profile", "displayName"), entity.metadata.get("title"), entity.name)
    return (first(word(one) for one in said) or entity.name)[:120]
