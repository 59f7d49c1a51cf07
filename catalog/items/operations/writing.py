"""Beginning an item and writing in it. Content goes into a draft; whom it is for and who answers change at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.items.models import CatalogItem, CatalogItemVersion
from catalog.items.operations.content import hash_of, judged, needs_second
from catalog.items.operations.entitling import entitle, entitlements_of
from catalog.items.operations.steps import begin_version, show
from catalog.items.permissions import authors, keepers, writers
from catalog.items.queries.differences import TOLD, differences
from catalog.items.vocabulary import Status
from itsm import lifecycle
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_active, require_standing
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.slugs import free_slug

TERMS = ("owner", "team", "entitlements")
RESERVED = frozenset({"new", "offered", "preview", "suggest"})


@transaction.atomic
def create_item(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    team: Team,
    slug: str = "",
    owner: User | None = None,
    entitlements: list[dict[str, Any]] | None = None,
    **content: Any,
) -> CatalogItem:
    """A draft, which nobody can ask for yet. `content`: what `edit_item` takes. Without an owner the writer is it.

    Raises NotPermitted, InvalidInput (FormRefused with paths for a document), Conflict (an owner who is not active, a
    retired team).
    """
    if owner is None and actor.is_human:
        owner = User.objects.filter(pk=actor.id or 0).first()
    item = CatalogItem(team=team, owner=owner, edited_at=at, created_by_id=actor.id, writers=_with([], actor))
    if not authors(actor) or not writers(actor, item):
        raise _may_not_write(actor)
    _check_terms({"owner": owner, "team": team})
    first = CatalogItemVersion(number=1, written_at=at, writers=item.writers)
    for field, value in judged(first, {**content, "name": name}, None).items():
        setattr(first, field, value)
    show(item, first)
    item.slug = _slug(slug, first.name)
    item.needs_second = needs_second(first)
    lifecycle.require_readable(item)
    item.save(force_insert=True)
    first.item, first.hash = item, hash_of(first)
    first.save(force_insert=True)
    if entitlements:
        entitle(item, entitlements)
    return lifecycle.created(item, actor=actor, changes={"name": [None, item.name], "slug": [None, item.slug]})


@transaction.atomic
def edit_item(item: CatalogItem, *, actor: Actor, version: int | None, at: datetime, **said: Any) -> CatalogItem:
    """Write in it (its content) or change its terms (`owner team entitlements`). Content of an item that can be asked
    for goes into a draft beside the live version.

    Raises NotPermitted, InvalidInput (FormRefused with paths for a document), Conflict, WrongState (its newest version
    is proposed), StaleVersion, VersionRequired.
    """
    terms = {name: said.pop(name) for name in TERMS if name in said}
    if said or not keepers(actor, item):
        require_writer(item, actor)
    current = lifecycle.locked(item)
    lifecycle.check_version(current, version, required=True)
    if terms := _changed_terms(current, terms):
        _change_terms(current, terms, actor)
        current = lifecycle.locked(item)
    newest = current.versions.select_for_update(no_key=True).get(number=current.number)
    if content := judged(newest, said, current):
        _write(current, content, actor, at)
    return lifecycle.locked(item)


def require_writer(item: CatalogItem, actor: Actor) -> None:
    """Raises NotPermitted."""
    if not writers(actor, item):
        raise _may_not_write(actor)


def _changed_terms(item: CatalogItem, terms: Mapping[str, Any]) -> dict[str, Any]:
    stands = {"owner": item.owner, "team": item.team, "entitlements": entitlements_of(item)}
    return {name: value for name, value in terms.items() if value != stands[name]}


def _change_terms(item: CatalogItem, terms: Mapping[str, Any], actor: Actor) -> None:
    if item.live is not None and terms.get("owner", 1) is None:
        raise InvalidInput.about("owner", gettext("What can be asked for has an owner."))
    _check_terms(terms)
    if (team := terms.get("team")) is not None and not writers(actor, CatalogItem(team=team)):
        raise NotPermitted(gettext("%(name)s writes no items of that team.") % {"name": actor.name})
    with lifecycle.edit(item, actor=actor, version=item.version, event="terms_edited") as current:
        for name in ("owner", "team"):
            if name in terms:
                setattr(current, name, terms[name])
        if "entitlements" in terms:
            entitle(current, terms["entitlements"])


def _check_terms(terms: Mapping[str, Any]) -> None:
    if (owner := terms.get("owner")) is not None:
        require_active(owner)
        if not owner.is_human:
            raise InvalidInput.about("owner", gettext("An owner is a person."))
    if "team" in terms and terms["team"] is None:
        raise InvalidInput.about("team", gettext("An item is a team's: it is asked where nobody else is found."))
    require_standing(terms.get("team"))


def _write(item: CatalogItem, content: dict[str, Any], actor: Actor, at: datetime) -> None:
    if item.status == Status.PROPOSED:
        said = gettext("%(item)s is proposed: return it first, then write in it.")
        raise WrongState(said % {"item": item.reference}, state=item.status, available=["return"])
    if item.status != Status.DRAFT:
        with lifecycle.step(item, "revise", actor=actor, locked_by_caller=True) as current:
            begin_version(current, actor, at)
    draft = item.versions.select_for_update(no_key=True).get(number=item.number)
    told = differences(draft, content)
    for name, value in content.items():
        setattr(draft, name, value)
    draft.written_at, draft.writers, draft.hash = at, _with(draft.writers, actor), hash_of(draft)
    lifecycle.require_readable(draft, among=("name",))
    draft.save(update_fields=[name.removesuffix("_id") for name in content] + ["written_at", "writers", "hash"])
    with lifecycle.as_one(item, actor=actor):
        lifecycle.announce(item, "edited", actor=actor, changes={TOLD: [None, told]})
        with lifecycle.edit(item, actor=actor, version=item.version) as current:
            current.edited_at, current.writers, current.needs_second = at, draft.writers, needs_second(draft)
            if current.live is None:
                show(current, draft)


def _slug(wanted: str, name: str) -> str:
    rows = CatalogItem.objects.all()
    if not wanted:
        return free_slug(name, rows, otherwise="item", reserved=RESERVED)
    if wanted in RESERVED or rows.filter(slug=wanted).exists():
        raise InvalidInput.about("slug", gettext("%(slug)s is taken.") % {"slug": wanted})
    return wanted


def _with(people: list[int], actor: Actor) -> list[int]:
    """The ids of the natural persons who wrote: a program counts as its owner."""
    return sorted({*people, *([actor.person_id] if actor.person_id is not None else [])})


def _may_not_write(actor: Actor) -> NotPermitted:
    words = gettext(
        "%(name)s writes no items of this team: its agents and engineers, service owners and change managers do."
    )
    return NotPermitted(words % {"name": actor.name})
