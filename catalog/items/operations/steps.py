"""The steps of an item's life. Each writes the item and its version in one transaction."""

from datetime import datetime

from django.db import transaction

from catalog.items.models import CatalogItem, CatalogItemVersion
from catalog.items.models.versions import CONTENT
from catalog.items.operations.telling import tell_about
from catalog.items.vocabulary import VersionStatus
from catalog.items.workflow import WORKFLOW
from itsm import lifecycle
from itsm.accounts.operations import require_active
from itsm.accounts.raised import require_not_raised
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import saying as _

SHOWN = ("name", "summary", "category", "keywords")  # what lists show of the version that is asked for


@WORKFLOW.takes("propose")
@transaction.atomic
def propose(item: CatalogItem, *, actor: Actor, at: datetime, version: int | None = None) -> CatalogItem:
    """Ask another person to look at it. Raises NotPermitted, WrongState, StaleVersion, MissingInformation."""
    with lifecycle.step(item, "propose", actor=actor, version=version) as current:
        newest = current.versions.filter(number=current.number)
        newest.update(state=VersionStatus.PROPOSED, proposed_by=actor.id, proposed_at=at)
    tell_about(current, "proposed", actor, _("Look at the catalog item %(name)s"), current.newest.summary)
    return current


@WORKFLOW.takes("publish")
@transaction.atomic
def publish(item: CatalogItem, *, actor: Actor, at: datetime, version: int | None = None) -> CatalogItem:
    """It can be asked for from now on; what was asked for before keeps the version that it was asked with.

    Raises NotPermitted (programs; where it takes a second person, who wrote in it or was let in by one of them),
    WrongState, StaleVersion, MissingInformation, Conflict (its owner left).
    """
    with lifecycle.step(item, "publish", actor=actor, version=version) as current:
        if current.needs_second:
            require_not_raised(actor, current.writers, reference=current.slug)
        require_active(current.owner)
        if current.live is not None:
            current.versions.filter(number=current.live).update(state=VersionStatus.OUTDATED)
        newest = current.versions.get(number=current.number)
        newest.state, newest.published_by_id, newest.published_at = VersionStatus.PUBLISHED, actor.id, at
        newest.save(update_fields=["state", "published_by", "published_at"])
        current.live, current.published_at = current.number, at
        show(current, newest)
    tell_about(current, "published", actor, _("The catalog item %(name)s is published"), current.summary)
    return current


@WORKFLOW.takes("return")
@transaction.atomic
def return_to_writers(item: CatalogItem, *, actor: Actor, because: str, version: int | None = None) -> CatalogItem:
    """It is a draft again, with what should be changed. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(item, "return", actor=actor, version=version, remark=because) as current:
        current.versions.filter(number=current.number).update(state=VersionStatus.DRAFT)
    tell_about(current, "returned", actor, _("The catalog item %(name)s is returned"), because)
    return current


@WORKFLOW.takes("revise")
def revise(item: CatalogItem, *, actor: Actor, at: datetime, version: int | None = None) -> CatalogItem:
    """Begin another version beside the live one, with its content. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(item, "revise", actor=actor, version=version) as current:
        begin_version(current, actor, at)
    return current


@WORKFLOW.takes("discard")
def discard(item: CatalogItem, *, actor: Actor, version: int | None = None) -> CatalogItem:
    """The draft beside the live version is not wanted; it is kept among the versions.

    Raises NotPermitted, WrongState, StaleVersion, MissingInformation (nothing is live).
    """
    with lifecycle.step(item, "discard", actor=actor, version=version) as current:
        if current.live is not None:
            current.versions.filter(number=current.number).update(state=VersionStatus.DISCARDED)
            current.number = current.live
            current.writers = current.versions.get(number=current.live).writers
    return current


@WORKFLOW.takes("retire")
@transaction.atomic
def retire(item: CatalogItem, *, actor: Actor, because: str = "", version: int | None = None) -> CatalogItem:
    """Nobody can ask for it any more; a draft beside it is discarded. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(item, "retire", actor=actor, version=version, remark=because) as current:
        if current.live != current.number:
            current.versions.filter(number=current.number).update(state=VersionStatus.DISCARDED)
        if current.live is not None:
            current.versions.filter(number=current.live).update(state=VersionStatus.OUTDATED)
        current.live = None
    tell_about(current, "retired", actor, _("The catalog item %(name)s is retired"), because or current.summary)
    return current


def begin_version(item: CatalogItem, actor: Actor, at: datetime) -> CatalogItemVersion:
    """The next version as a draft with the content of the newest, in the caller's step. Raises nothing."""
    known = list(item.versions.order_by("-number"))
    wanted = [one for one in known if one.state != VersionStatus.DISCARDED]
    former = next((one for one in known if one.number == item.live), (wanted or known)[0])
    item.number, item.edited_at = known[0].number + 1, at
    item.writers = [actor.person_id] if actor.person_id is not None else []
    content = {name: getattr(former, name) for name in (*CONTENT, "hash")}
    return CatalogItemVersion.objects.create(
        item=item, number=item.number, writers=item.writers, written_at=at, **content
    )


def show(item: CatalogItem, version: CatalogItemVersion) -> None:
    """Lists show what this version says. Not saved. Raises nothing."""
    for name in SHOWN:
        setattr(item, name, getattr(version, name))
