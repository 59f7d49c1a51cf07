"""Catalog items in lists, in search, and in what people and teams answer for."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from catalog.items.models import CatalogItem, CatalogItemVersion
from catalog.items.permissions import readers
from catalog.items.queries.answers import person_of
from catalog.items.queries.offering import offered, offered_by_slug, with_text
from catalog.items.vocabulary import Status
from itsm.accounts.actors import actor_for
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.api.nearest import did_you_mean
from itsm.fields.form.answering import begun
from itsm.fields.form.for_others import for_others
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound
from itsm.search import offers

_asked_at: list[Callable[[CatalogItem], str]] = []


def asked_at(address: Callable[[CatalogItem], str]) -> None:
    """Whoever takes requests says in `ready()` where an item is asked for."""
    _asked_at[:] = [address]


def address_to_ask(item: CatalogItem) -> str:
    """Where it is asked for; "" where nobody takes requests."""
    return _asked_at[0](item) if _asked_at else ""


def read_items(actor: Actor) -> QuerySet[CatalogItem]:
    """What this actor may read: every item for who works here, what is offered to them for others. By name, with its
    text, team, owner and entitlements."""
    seen = CatalogItem.objects.visible_to(actor) if readers(actor) else offered(actor)
    return with_text(seen.select_related("team", "owner").prefetch_related("entitlements"))


def read_item(actor: Actor, slug: str) -> CatalogItem:
    """The item of this slug among those. Raises NotFound, with near ones for who works here."""
    if not readers(actor):
        return offered_by_slug(actor, slug)
    found = read_items(actor).filter(slug=slug[:63]).first()
    if found is None:
        words = gettext("There is no catalog item %(text)s, or you may not see it.") % {"text": slug[:63]}
        slugs = CatalogItem.objects.values_list("slug", flat=True).order_by("slug")
        raise NotFound(words + did_you_mean(slug, slugs))
    return found


def counts(actor: Actor) -> dict[str, int]:
    """How many of what this actor reads are in which state. One statement."""
    seen = CatalogItem.objects.visible_to(actor).order_by()
    return seen.aggregate(
        live=Count("pk", filter=Q(live__isnull=False)),
        drafts=Count("pk", filter=Q(status=Status.DRAFT)),
        proposed=Count("pk", filter=Q(status=Status.PROPOSED)),
        retired=Count("pk", filter=Q(status=Status.RETIRED)),
    )


def versions_of(item: CatalogItem) -> QuerySet[CatalogItemVersion]:
    """All of them, the newest first, for who works here."""
    return item.versions.select_related("published_by", "proposed_by", "service", "agreement").order_by("-number")


def bundle_for(version: CatalogItemVersion, actor: Actor, served: User | None = None) -> list[CatalogItem]:
    """The items of a bundle that are offered to who it is for, in its order, with their texts. Two queries at most."""
    if not version.bundle:
        return []
    found = {one.slug: one for one in with_text(offered(actor, served).filter(slug__in=version.bundle))}
    return [found[slug] for slug in version.bundle if slug in found]


def form_for(version: CatalogItemVersion, item: CatalogItem, actor: Actor) -> dict[str, Any]:
    """What is asked of this actor, as REST shows it: a question of staff is not there for others."""
    asked = version.asked if readers(actor) else for_others(version.asked)
    sections = [one for one in asked.to_json()["sections"] if one["questions"]]
    return {
        "item": item.slug, "number": version.number, "sections": sections, "begins": begun(asked, person_of(actor.id)),
    }  # fmt: skip


def as_found(item: CatalogItem) -> offers.Entry:
    """How search finds it: who works here finds every item, others what is offered to them."""
    found_by: tuple[str, ...] = (offers.STAFF,)
    if item.live is not None:
        found_by += (offers.ALL,) if item.open_to_all else offers.shared(item)
    return offers.Entry(
        item.name,
        item.get_absolute_url(),
        " ".join([item.summary, item.category, *item.keywords]),
        audience=found_by,
        is_over=item.status == Status.RETIRED,
    )


def shared_tokens(actor: Actor) -> list[str]:
    """The tokens of items that not everybody may ask for, and this actor may. One query; none for who works here."""
    if readers(actor):
        return []
    ids = offered(actor).exclude(entitled=[]).order_by().values_list("pk", flat=True)
    return [f"{CatalogItem.kind}:{pk}" for pk in ids]


def still_read(user: Any, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of news of items those that this person may read now."""
    seen = set(read_items(actor_for(user, Door.TASK)).filter(pk__in=told).order_by().values_list("pk", flat=True))
    return {(pk, relation) for pk, relations in told.items() if pk in seen for relation in relations}


def owned_by(person: User) -> list[Duty]:
    """Items that somebody answers for, for who wants to deactivate them."""
    rows = CatalogItem.objects.filter(owner=person).exclude(status=Status.RETIRED).order_by("id")
    words = gettext("has an owner who left")
    return [Duty(gettext("catalog item"), one.slug, one.name, one.get_absolute_url(), words, True) for one in rows]


def of_team(team: Team) -> list[Duty]:
    """Items of a team, or about whom it may ask for, for who wants to merge or retire it."""
    ours = Q(team=team) | Q(entitlements__token=f"team:{team.pk}")
    rows = CatalogItem.objects.filter(ours).exclude(status=Status.RETIRED).order_by("id").distinct()
    words = gettext("stays with a retired team")
    return [Duty(gettext("catalog item"), one.slug, one.name, one.get_absolute_url(), words) for one in rows]
