"""People say which of what sources claim is true: a value is pinned, or let go; a conflict ends by one word."""

from typing import Any, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb.models import CI
from catalog.cmdb.permissions import item_editors
from catalog.reconciliation.models import Conflict
from catalog.reconciliation.operations.alone import one_at_a_time
from catalog.reconciliation.operations.by_hand import pin as claim
from catalog.reconciliation.operations.judging import accept
from catalog.reconciliation.operations.renewing import renew_items
from catalog.reconciliation.queries.why import why as explained
from catalog.reconciliation.vocabulary import CLASS, IDENTITY, STATUS, ConflictState
from catalog.services.models import Service
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

Take = Literal["holds", "says"]


def pin(item: CI, key: str, *, actor: Actor) -> CI:
    """What holds of this key now is the word of people: no source moves it until it is let go.

    `key`: as claims have it (`name`, `attributes.os`). Raises NotPermitted, InvalidInput for a key of which no source
    speaks or which only steps move, and WrongState for a service's own words.
    """
    _require_editor(item, actor)
    with transaction.atomic():
        one_at_a_time()
        held = explained(item).get(key)
        if held is None:
            raise InvalidInput.about("key", gettext("No source says anything of this."))
        return _say(item, key, held.value, actor)


def unpin(item: CI, key: str, *, actor: Actor) -> CI:
    """Sources are believed again. Raises NotPermitted, and WrongState where people said nothing of this key."""
    _require_editor(item, actor)
    with transaction.atomic():
        one_at_a_time()
        held = explained(item).get(key)
        if held is None or not held.pinned:
            raise WrongState(gettext("Nobody has pinned this."))
        return _say(item, key, None, actor, event="unpinned", before=held.value)


def settle(conflict: Conflict, take: Take, *, actor: Actor, why: str = "") -> Conflict:
    """What holds, or what the record says, is the word of people from now on; that sources say otherwise is accepted.

    Raises NotPermitted, InvalidInput (the state of an item moves by steps; its class, and what is one thing, are not
    said so) and WrongState (it is not open).
    """
    _require_editor(conflict.ci, actor)
    with transaction.atomic():
        one_at_a_time()
        conflict.refresh_from_db()
        if conflict.state != ConflictState.OPEN:
            raise WrongState(gettext("This conflict is not open."))
        if conflict.key in (CLASS, IDENTITY):
            words = gettext("This is no value: edit the class of the item, merge it or split it; or accept it.")
            raise InvalidInput.about("take", words)
        _say(conflict.ci, conflict.key, conflict.values[take], actor)
        rows = Conflict.objects.filter(ci=conflict.ci, key=conflict.key, state=ConflictState.OPEN)
        for one in rows.order_by("pk"):
            accept(one, actor=actor, why=why or gettext("Said by hand."))
    conflict.refresh_from_db()
    return conflict


def _say(item: CI, key: str, value: Any, actor: Actor, event: str = "pinned", before: Any = None) -> CI:
    if key == STATUS:
        raise InvalidInput.about("key", gettext("The state of an item moves by its steps."))
    if not key.startswith("attributes.") and Service.objects.filter(pk=item.pk).exists():
        raise WrongState(gettext("A service says itself what it is called and whose it is."))
    at = timezone.now()
    claim(item, {key: value}, at)
    renew_items([item.pk], actor=actor, at=at)
    item.refresh_from_db()
    lifecycle.announce(item, event, actor=actor, changes={key: [before, value]})
    return item


def _require_editor(item: CI, actor: Actor) -> None:
    if not ((actor.is_human or actor.is_system) and item_editors(actor, item)):
        raise NotPermitted(
            gettext("%(actor_name)s may not say what is true of %(reference)s.")
            % {"actor_name": actor.name, "reference": item.reference}
        )
