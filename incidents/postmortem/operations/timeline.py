"""The timeline of a postmortem: filled from the record, and written by people. Filling adds and never overwrites."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from incidents.postmortem import permissions
from incidents.postmortem.models import Postmortem, PostmortemEvent
from incidents.postmortem.queries.timeline import found_for
from incidents.postmortem.vocabulary import MOST_EVENTS
from incidents.postmortem.workflow import WORKFLOW, Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound, NotPermitted, WrongState


def require_writes_in(actor: Actor, postmortem: Postmortem) -> None:
    """Raise NotPermitted, naming the right and the queue, for who may not change this one."""
    if not permissions.writers(actor, postmortem):
        raise NotPermitted(
            gettext("%(name)s may not write in %(reference)s: no right to change in %(team)s.")
            % {"name": actor.name, "reference": postmortem.reference, "team": postmortem.about.team.name}
        )


def draft_to_write(postmortem: Postmortem, actor: Actor) -> Postmortem:
    """The row, locked, as a draft that the actor writes in from now on. Raises NotPermitted and WrongState."""
    current = lifecycle.locked(postmortem)
    require_draft(actor, current)
    return current


def require_draft(actor: Actor, current: Postmortem) -> None:
    """Raise NotPermitted for who may not write in it, WrongState where it is no draft."""
    require_writes_in(actor, current)
    if current.status != Status.DRAFT:
        raise WrongState(
            gettext("%(reference)s is %(state)s: only a draft is written in.")
            % {"reference": current.reference, "state": current.get_status_display().lower()},
            state=current.status,
            available=[step.action for step in current.workflow.open_to(actor, current)],
        )


def now_writes(postmortem: Postmortem, actor: Actor) -> None:
    """Keep that this person wrote in it: they do not publish it. Raises nothing."""
    person = actor.person_id
    if person is not None and person not in postmortem.writers:
        postmortem.writers = [*postmortem.writers, person]
        Postmortem.objects.filter(pk=postmortem.pk).update(writers=postmortem.writers)


def fill(postmortem: Postmortem) -> int:
    """Add what happened and is not in it yet, nor was taken out of it. How many. Raises nothing."""
    known = set(postmortem.events.exclude(key="").values_list("key", flat=True))
    room = MOST_EVENTS - postmortem.events.count()
    found = [one for one in found_for(postmortem) if one.key not in known][: max(room, 0)]
    PostmortemEvent.objects.bulk_create(
        [
            PostmortemEvent(postmortem=postmortem, at=one.at, text=one.text or "–", source=one.source, key=one.key)
            for one in found
        ],
        ignore_conflicts=True,
    )
    return len(found)


@WORKFLOW.takes("refill")
def refill(postmortem: Postmortem, *, actor: Actor) -> Postmortem:
    """Add to the timeline what has happened, or become known, since. What people wrote and took out stays so.

    Raises WrongState and NotPermitted.
    """
    with lifecycle.step(postmortem, "refill", actor=actor) as current:
        current.filled = fill(current)
    return current


@transaction.atomic
def add_event(postmortem: Postmortem, *, actor: Actor, at: datetime, text: str) -> PostmortemEvent:
    """One more line. Raises NotPermitted, WrongState, InvalidInput (nothing to read), Conflict (too many)."""
    current = draft_to_write(postmortem, actor)
    if current.events.count() >= MOST_EVENTS:
        raise Conflict(gettext("A timeline has at most %(most)d entries.") % {"most": MOST_EVENTS})
    made = PostmortemEvent(postmortem=current, at=at, text=text)
    lifecycle.require_readable(made)
    made.save(force_insert=True)
    now_writes(current, actor)
    lifecycle.announce(current, "event_added", actor=actor, changes={"timeline": [None, _said(made)]})
    return made


@transaction.atomic
def edit_event(postmortem: Postmortem, event: PostmortemEvent, *, actor: Actor, **fields: Any) -> PostmortemEvent:
    """Change `at` or `text` of a line. Raises NotPermitted, WrongState, InvalidInput, NotFound."""
    current = draft_to_write(postmortem, actor)
    kept = _locked(current, event)
    before = _said(kept)
    for name, value in fields.items():
        setattr(kept, name, value)
    lifecycle.require_readable(kept)
    if _said(kept) != before:
        kept.save(update_fields=["at", "text"])
        now_writes(current, actor)
        lifecycle.announce(current, "event_changed", actor=actor, changes={"timeline": [before, _said(kept)]})
    return kept


@transaction.atomic
def remove_event(postmortem: Postmortem, event: PostmortemEvent, *, actor: Actor) -> None:
    """It is not told. Filling again does not bring it back. Raises NotPermitted, WrongState, NotFound."""
    current = draft_to_write(postmortem, actor)
    kept = _locked(current, event)
    if kept.key:
        PostmortemEvent.objects.filter(pk=kept.pk).update(removed=True)
    else:
        kept.delete()
    now_writes(current, actor)
    lifecycle.announce(current, "event_removed", actor=actor, changes={"timeline": [_said(kept), None]})


def _locked(postmortem: Postmortem, event: PostmortemEvent) -> PostmortemEvent:
    kept = postmortem.events.select_for_update(of=("self",), no_key=True).filter(pk=event.pk, removed=False).first()
    if kept is None:
        raise NotFound(gettext("It is not there any more: somebody took it away meanwhile."))
    return kept


def _said(event: PostmortemEvent) -> str:
    return f"{event.at:%Y-%m-%dT%H:%M:%SZ} {event.text}"
