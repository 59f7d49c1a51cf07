"""Monitors say how items are: each keeps its own word, worse at once, kinder only where it has no interest in that."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb import permissions
from catalog.cmdb.models import CI, Condition
from catalog.cmdb.operations.editing import require_editor, require_living
from catalog.cmdb.operations.interest import require_no_interest, require_no_stake
from catalog.cmdb.operations.locking import lock_items
from catalog.cmdb.queries.impact import current_states
from catalog.cmdb.vocabulary import State, Status
from catalog.engine.graph import State as Rank
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState

FRESH_FOR = timedelta(minutes=15)  # unless the monitor says another period


@transaction.atomic
def report_condition(
    item: CI, state: State, *, actor: Actor, fresh_for: timedelta = FRESH_FOR, at: datetime | None = None
) -> CI:
    """This account found the item up, degraded or down; said again, it is confirmed. What others say stays theirs.

    After `fresh_for` without a word it is shown as stale, and counts all the same: silence proves nothing better. Who
    could want a change that feels the item says nothing kinder of it than before. Raises NotPermitted and WrongState (a
    retired item, or one that lives on in another).
    """
    require_editor(item, actor)
    at = at or timezone.now()
    held = lock_items([item.pk])[item.pk]
    require_living(held)
    if held.status == Status.RETIRED:
        raise WrongState(gettext("%(reference)s is retired.") % {"reference": held.reference})
    there = Condition.objects.filter(ci=held, source=_source(actor), until=None).first()
    before = State(there.state) if there is not None else State.UP
    if Rank[state.name] < Rank[before.name]:
        doing = gettext("say that it is better than they said")
        require_no_stake(actor, {held.pk, *current_states(at)}, doing=doing)
    if there is not None and state == State.UP:
        there.until = max(at, there.since)
        there.save(update_fields=["until"])
    elif there is not None:
        there.state, there.said_at, there.fresh_until = state, at, at + fresh_for
        there.save(update_fields=["state", "said_at", "fresh_until"])
    elif state != State.UP:
        Condition.objects.create(
            ci=held, state=state, source=_source(actor), since=at, said_by_id=actor.id, said_at=at,
            fresh_until=at + fresh_for,
        )  # fmt: skip
    if state != before:
        changes = {"condition": [str(before.value), str(state.value)]}
        lifecycle.announce(held, "reported", actor=actor, changes=changes, at=at)
    return held


@transaction.atomic
def clear_condition(condition: Condition, *, actor: Actor, why: str, at: datetime | None = None) -> Condition:
    """A person looked, and it is over, whatever its monitor still says: the monitor may say it again.

    Raises NotPermitted (a program; no editor of the item; an interest in a change that feels it) and WrongState (it is
    over).
    """
    item = lock_items([condition.ci_id])[condition.ci_id]
    if not permissions.condition_clearers(actor, item):
        raise NotPermitted(gettext("%(actor_name)s may not say that this is over.") % {"actor_name": actor.name})
    at = at or timezone.now()
    current = Condition.objects.select_for_update(no_key=True).get(pk=condition.pk)
    if current.until is not None:
        raise WrongState(gettext("This is over already."))
    require_no_interest(actor, {item.pk, *current_states(at)}, doing=gettext("say that this is over"))
    current.until = max(at, current.since)
    current.save(update_fields=["until"])
    changes = {"condition": [current.state, str(State.UP.value)], "source": [current.source, None], "why": [None, why]}
    lifecycle.announce(item, "cleared", actor=actor, changes=changes, at=at)
    return current


def move_conditions(gone: CI, survivor: CI, *, at: datetime) -> None:
    """What monitors found of an item goes on with the one that it lives on in, both locked by the caller: of two words
    of one monitor the worse. Raises nothing."""
    there = {one.source: one for one in Condition.objects.filter(ci=survivor, until=None)}
    for one in Condition.objects.filter(ci=gone, until=None).order_by("pk"):
        worse, twin = one, there.get(one.source)
        if twin is not None:
            kinder, worse = sorted((one, twin), key=lambda each: Rank[each.state.upper()])
            kinder.until = max(at, kinder.since)
            kinder.save(update_fields=["until"])
        worse.ci = survivor
        worse.save(update_fields=["ci"])


def share_conditions(left: CI, parted: CI) -> None:
    """Of which of the two a monitor spoke nobody knows when they part: it is believed of both. Raises nothing."""
    there = set(Condition.objects.filter(ci=parted, until=None).values_list("source", flat=True))
    for one in Condition.objects.filter(ci=left, until=None).exclude(source__in=there).order_by("pk"):
        one.pk, one.ci = None, parted
        one.save(force_insert=True)


def _source(actor: Actor) -> str:
    """Whose word it is: one of each account."""
    account = None if actor.id is None else User.objects.filter(pk=actor.id).first()
    return actor.name if account is None else account.username
