"""Who may write, publish and take away catalog items. Who may ask for one is said by its entitlements."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts import audiences
from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import staff
from itsm.accounts.queries.places import places_of
from itsm.kernel.actors import Actor, Role

__all__ = ["authors", "keepers", "publishers", "readers", "staff", "tokens_of", "writers"]


def readers(actor: Actor, item: Any = None) -> bool:
    """Everybody who works here reads every item and its versions; to others an item is what is offered to them."""
    return staff(actor)


@named_right("catalog.write", _("write catalog items of their teams"), lends=Role.AGENT)
def authors(actor: Actor, item: Any = None) -> bool:
    """Who begins an item: agents and engineers (for a team of theirs), service owners, change managers."""
    return actor.has(Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)


@named_right(
    "catalog.write_any",
    _("write and publish catalog items of every team"),
    lends=Role.OWNER,
    includes=("catalog.write",),
)
def write_everywhere(actor: Actor, item: Any = None) -> bool:
    """Service owners, change managers and administrators: whatever team an item belongs to."""
    return actor.has(Role.OWNER, Role.MANAGER)


def writers(actor: Actor, item: Any) -> bool:
    """Who writes in it: service owners, change managers, administrators; agents and engineers of its team."""
    of_its_team = actor.belongs_to(item.team_id) and authors(actor)
    return of_its_team or write_everywhere(actor)


def publishers(actor: Actor, item: Any) -> bool:
    """A person who may write in it. Where nobody approves what is asked for, or it opens a change: another than those
    who wrote this version."""
    return actor.is_human and writers(actor, item) and not (item.needs_second and actor.person_id in item.writers)


def keepers(actor: Actor, item: Any) -> bool:
    """Who may take it away: who writes in it, and its owner."""
    return writers(actor, item) or (actor.id is not None and actor.id == item.owner_id)


def tokens_of(actor: Actor) -> list[str]:
    """The tokens by which an actor may ask for an item, or may not. A query for where they work."""
    own = [f"user:{actor.id}"] if actor.id is not None else []
    roles = [f"role:{one.value}" for one in sorted(actor.roles)]
    places = [f"location:{one}" for one in places_of(actor.id)] if actor.id is not None else []
    return [*audiences.tokens_of(actor), *([audiences.STAFF] if staff(actor) else []), *own, *roles, *places]
