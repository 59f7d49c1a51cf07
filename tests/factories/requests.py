"""Catalog items that are offered, and requests for them."""

from typing import Any

from django.utils import timezone

from catalog.models import CatalogItem, CatalogItemVersion, Request, RequestItem
from catalog.requests import operations
from catalog.requests.operations import Wish
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor

TEXT: dict[str, Any] = {"key": "what", "label": "What", "type": "text", "required": False}


def question(key: str, label: str = "", type: str = "text", **said: Any) -> dict[str, Any]:
    """A question of a form, as a document says it."""
    return {"key": key, "label": label or key.capitalize(), "type": type, **said}


def task(key: str, *after: str, kind: str = "work", **said: Any) -> dict[str, Any]:
    """A task of a fulfilment, as a document says it."""
    return {"key": key, "title": said.pop("title", key.capitalize()), "kind": kind, "after": list(after), **said}


def asks(*parts: dict[str, Any], rule: str = "all", when: Any = None) -> dict[str, Any]:
    """A step of an approval; a part is {"who", "value", "quorum"}."""
    return {"when": when, "rule": rule, "parts": list(parts)}


def an_item(
    slug: str = "laptop",
    *,
    questions: list[dict[str, Any]] | None = None,
    steps: list[dict[str, Any]] | None = None,
    tasks: list[dict[str, Any]] | None = None,
    team: Team | None = None,
    **said: Any,
) -> CatalogItem:
    """A published item, offered to everybody, in its first version."""
    team = team or Team.objects.get_or_create(slug="support", defaults={"name": "Support", "takes_work": True})[0]
    owner = User.objects.get_or_create(username="keeper", defaults={"name": "Keeper", "roles": ["owner"]})[0]
    now = timezone.now()
    name = said.pop("name", slug.replace("-", " ").capitalize())
    item = CatalogItem.objects.create(
        slug=slug, name=name, team=team, owner=owner, status="published", number=1, live=1, edited_at=now,
        published_at=now,
    )  # fmt: skip
    CatalogItemVersion.objects.create(
        item=item, number=1, state="published", name=name, hash="0" * 64, written_at=now, published_by=owner,
        published_at=now, fulfilment={"tasks": tasks or []}, approval={"steps": steps or []},
        form={"sections": [{"key": "about", "title": "About it", "questions": questions or []}]}, **said,
    )  # fmt: skip
    return item


def a_request(actor: Actor, *items: CatalogItem, answers: Any = None, **said: Any) -> Request:
    """Asked for by this actor: each item once, with the same answers."""
    wishes = [Wish(one.slug, 1, answers or {}) for one in items]
    return operations.submit(actor=actor, items=wishes, **said)[0]


def item_of(request: Request, position: int = 1) -> RequestItem:
    """An item of a request, as it stands now."""
    return RequestItem.objects.select_related("request", "item", "team").get(request=request, position=position)
