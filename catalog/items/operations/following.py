"""What becomes of catalog items as teams are merged and people leave."""

from datetime import datetime

from catalog.items.models import CatalogItem, Entitlement
from catalog.items.operations.entitling import note
from catalog.items.vocabulary import Status
from itsm import lifecycle
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor


def items_follow(old: Team, new: Team, actor: Actor) -> int:
    """Items of a team that is merged, and those that it may ask for, are the other one's, in the merge's transaction.
    How many. Documents keep its slug, which leads to the other team from then on. Raises nothing."""
    token, theirs = f"team:{old.pk}", f"team:{new.pk}"
    of_it = CatalogItem.objects.filter(team=old).exclude(status=Status.RETIRED)
    for_it = CatalogItem.objects.filter(entitlements__token=token)
    found = {pk for rows in (of_it, for_it) for pk in rows.values_list("pk", flat=True)}
    for item in CatalogItem.objects.filter(pk__in=found).order_by("pk"):
        with lifecycle.edit(item, actor=actor, version=None, version_required=False, event="terms_edited") as current:
            if current.team_id == old.pk and current.status != Status.RETIRED:
                current.team = new
            _entitle_instead(current, token, theirs)
    return len(found)


def _entitle_instead(item: CatalogItem, token: str, theirs: str) -> None:
    """Whom the one team's word let in, or kept out, the other's does; of two words the one that keeps out stands."""
    for word in list(item.entitlements.filter(token=token)):
        other = item.entitlements.filter(token=theirs).first()
        if other is None:
            Entitlement.objects.filter(pk=word.pk).update(token=theirs)
            continue
        Entitlement.objects.filter(pk=other.pk).update(allow=other.allow and word.allow)
        word.delete()
    note(item)


def words_of_person(person: User) -> int:
    """How many items name this person among those who may ask for them, or may not."""
    return Entitlement.objects.filter(token=f"user:{person.pk}").count()


def words_follow(old: User, new: User, actor: Actor) -> int:
    """Items that name an account which is merged name the other one, in the merge's transaction. How many.

    Raises nothing.
    """
    token, theirs = f"user:{old.pk}", f"user:{new.pk}"
    found = list(CatalogItem.objects.filter(entitlements__token=token).order_by("pk"))
    for item in found:
        with lifecycle.edit(item, actor=actor, version=None, version_required=False, event="terms_edited") as current:
            _entitle_instead(current, token, theirs)
    return len(found)


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Items of somebody who leaves are their successor's. What is live keeps its owner until another is named: it
    always has one. Raises nothing."""
    if successor is None:
        return
    for item in CatalogItem.objects.filter(owner=person).exclude(status=Status.RETIRED).order_by("pk"):
        with lifecycle.edit(item, actor=actor, version=None, version_required=False, event="terms_edited") as current:
            current.owner = successor
