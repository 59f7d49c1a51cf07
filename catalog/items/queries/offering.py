"""What may be asked for, by whom. What is not offered to somebody is not there for them: one sentence, 404."""

from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from catalog.items.models import CatalogItem, CatalogItemVersion, Entitlement
from catalog.items.permissions import tokens_of
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound

if TYPE_CHECKING:
    from itsm.accounts.models import User


def offered(actor: Actor, served: "User | None" = None) -> QuerySet[CatalogItem]:
    """The live items that this actor may ask for: for somebody else by what that person is entitled to.

    By name. An item whose newest version is only a draft is offered with its live one (`live_version`).
    """
    tokens = tokens_of(actor if served is None else actor_for(served, Door.TASK))
    of_item = Entitlement.objects.filter(item=OuterRef("pk"))
    met = of_item.filter(token__in=tokens)
    return CatalogItem.objects.live().filter(
        ~Exists(met.filter(allow=False)), Exists(met.filter(allow=True)) | ~Exists(of_item.filter(allow=True))
    )


def is_offered(item: CatalogItem, actor: Actor, served: "User | None" = None) -> bool:
    """The same of one item. One query, and those that read the served person."""
    return offered(actor, served).filter(pk=item.pk).exists()


def with_text(items: QuerySet[CatalogItem]) -> QuerySet[CatalogItem]:
    """With the version that who asks gets, as `item.text`. One query more."""
    text = CatalogItemVersion.objects.filter(number=Coalesce(F("item__live"), F("item__number")))
    return items.prefetch_related(Prefetch("versions", text.select_related("service"), to_attr="shown"))


def offered_by_slug(actor: Actor, slug: str, served: "User | None" = None) -> CatalogItem:
    """The item of this slug among those. Raises NotFound, with the same words for one that is not offered to them."""
    found = with_text(offered(actor, served)).filter(slug=slug[:63]).first()
    if found is None:
        raise NotFound(gettext("There is no catalog item %(text)s, or you may not see it.") % {"text": slug[:63]})
    return found


def live_version(item: CatalogItem) -> CatalogItemVersion:
    """The version that can be asked for now. Raises NotFound where there is none."""
    found = item.versions.filter(number=item.live or 0).first()
    if found is None:
        raise NotFound(gettext("There is no catalog item %(text)s, or you may not see it.") % {"text": item.slug})
    return found


def search_items(actor: Actor, text: str, limit: int = 5) -> list[CatalogItem]:
    """Those offered to the actor in whose name, summary, category or keywords every word stands; who begin with it
    first. One query, and one for their texts."""
    words = text.split()[:8]
    if not words:
        return []
    found = offered(actor)
    for word in words:
        found = found.filter(
            Q(name__icontains=word)
            | Q(summary__icontains=word)
            | Q(category__icontains=word)
            | Q(keywords__icontains=word)
        )
    begins = Q(name__istartswith=words[0])
    return list(with_text(found.annotate(begins=begins).order_by("-begins", "name", "pk"))[:limit])
