"""Actions of a postmortem: given to somebody until a day, tracked until they are done, also after it is published."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.postmortem import permissions
from incidents.postmortem.models import Postmortem, PostmortemAction
from incidents.postmortem.operations.history import changes_of, linked_to, said_of
from incidents.postmortem.operations.telling import tell_of_action
from incidents.postmortem.operations.timeline import now_writes, require_writes_in
from incidents.postmortem.queries.links import what_was_done
from incidents.postmortem.vocabulary import MOST_ACTIONS
from incidents.postmortem.workflow import Status
from incidents.problem.models import Problem
from incidents.problem.queries.linked import CHANGE
from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.clocks import due
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotFound, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.work import linkable

SOON, LATE = "postmortem_action_soon", "postmortem_action_overdue"
BEFORE = timedelta(days=2)
KIND = PostmortemAction.kind


@transaction.atomic
def add_action(
    postmortem: Postmortem, *, actor: Actor, action_type: str, text: str, owner: User, due_at: datetime, link: str = ""
) -> PostmortemAction:
    """One more thing to do, by somebody, until a day; `link`: the reference of the change or problem that does it.

    Raises NotPermitted, WrongState (waived), InvalidInput, Conflict (too many; an owner who left).
    """
    current = _tracked(postmortem, actor)
    if current.actions.count() >= MOST_ACTIONS:
        raise Conflict(gettext("A postmortem has at most %(most)d actions.") % {"most": MOST_ACTIONS})
    made = PostmortemAction(
        postmortem=current, action_type=action_type, text=text, owner=owner, due_at=due_at, added_at=timezone.now()
    )
    _judge_owner(made)
    _link(made, link, actor)
    lifecycle.require_readable(made)
    made.save(force_insert=True)
    _count_as_written(current, actor)
    _promise(made)
    lifecycle.announce(current, "action_added", actor=actor, changes=changes_of({}, said_of(made)))
    tell_of_action(made, actor, "action_given")
    return made


@transaction.atomic
def edit_action(postmortem: Postmortem, action: PostmortemAction, *, actor: Actor, **fields: Any) -> PostmortemAction:
    """Change action_type, text, owner, due_at, link ("" takes it away). Of a done one nothing but its link.

    A link that stands there already is nobody's new word: whoever moves a day sends it along.

    Raises NotPermitted, WrongState (waived, done), InvalidInput, NotFound, Conflict (an owner who left).
    """
    current = _tracked(postmortem, actor)
    kept = _locked(current, action)
    if kept.done_at is not None and set(fields) - {"link"}:
        raise WrongState(gettext("It is done; take it up again first."), state="done", available=["undone"])
    before, owner = said_of(kept), kept.owner_id
    link = fields.pop("link", None)
    for name, value in fields.items():
        setattr(kept, name, value)
    if kept.owner_id != owner:
        _judge_owner(kept)
    if link is not None and link.strip().upper() != linked_to(kept):
        _link(kept, link, actor)
    lifecycle.require_readable(kept)
    kept.save()
    if said_of(kept) != before:
        _count_as_written(current, actor)
        lifecycle.announce(current, "action_changed", actor=actor, changes=changes_of(before, said_of(kept)))
    if kept.done_at is None:
        _promise(kept)
        if kept.owner_id != owner:
            tell_of_action(kept, actor, "action_given")
    return kept


@transaction.atomic
def remove_action(postmortem: Postmortem, action: PostmortemAction, *, actor: Actor) -> None:
    """It is none after all: of a draft only; what was published is done, or said why not.

    Raises NotPermitted, WrongState (no draft), NotFound.
    """
    current = _tracked(postmortem, actor)
    if current.status != Status.DRAFT:
        raise WrongState(
            gettext("Actions of %(reference)s are tracked to their end; say what became of it instead.")
            % {"reference": current.reference},
            state=current.status,
            available=[step.action for step in current.workflow.open_to(actor, current)],
        )
    kept = _locked(current, action)
    due.cancel(KIND, kept.pk, SOON, LATE)
    said = said_of(kept)
    kept.delete()
    now_writes(current, actor)
    lifecycle.announce(current, "action_removed", actor=actor, changes=changes_of(said, {}))


@transaction.atomic
def finish_action(
    postmortem: Postmortem, action: PostmortemAction, *, actor: Actor, outcome: str = "", at: datetime | None = None
) -> PostmortemAction:
    """It is done: `outcome` says what was, else the change or problem that it is linked to ended well.

    Raises NotPermitted (neither its owner nor who writes there), WrongState, NotFound, MissingInformation.
    """
    current = lifecycle.locked(postmortem)
    kept = _locked(current, action)
    _require_does(actor, kept)
    if kept.done_at is not None:
        return kept
    said = outcome if not is_blank(outcome) else what_was_done(kept)
    if not said:
        missing = gettext("Say what was done, or link the change or problem that does it and close that first.")
        raise MissingInformation(missing, missing=[missing])
    kept.done_at, kept.done_by_id, kept.outcome = at or timezone.now(), actor.id, said
    kept.save(update_fields=["done_at", "done_by", "outcome"])
    due.cancel(KIND, kept.pk, SOON, LATE)
    lifecycle.announce(current, "action_done", actor=actor, changes=changes_of({}, said_of(kept)), remark=said)
    return kept


@transaction.atomic
def take_up_action(postmortem: Postmortem, action: PostmortemAction, *, actor: Actor) -> PostmortemAction:
    """It is not done after all. Raises NotPermitted and NotFound."""
    current = lifecycle.locked(postmortem)
    kept = _locked(current, action)
    _require_does(actor, kept)
    if kept.done_at is not None:
        kept.done_at = kept.done_by = None
        kept.outcome = ""
        kept.save(update_fields=["done_at", "done_by", "outcome"])
        _promise(kept)
        lifecycle.announce(current, "action_undone", actor=actor, changes=changes_of({}, said_of(kept)))
    return kept


def _tracked(postmortem: Postmortem, actor: Actor) -> Postmortem:
    """The row, locked: actions are given while it is written and after. Raises NotPermitted and WrongState (waived)."""
    current = lifecycle.locked(postmortem)
    require_writes_in(actor, current)
    if current.status == Status.WAIVED:
        raise WrongState(
            gettext("%(reference)s is waived: revise it first.") % {"reference": current.reference},
            state=current.status,
            available=[step.action for step in current.workflow.open_to(actor, current)],
        )
    return current


def _count_as_written(postmortem: Postmortem, actor: Actor) -> None:
    if postmortem.is_worked_on:
        now_writes(postmortem, actor)


def _require_does(actor: Actor, action: PostmortemAction) -> None:
    if not permissions.doers(actor, action):
        raise NotPermitted(
            gettext("%(name)s may not say that %(reference)s is done: its owner does.")
            % {"name": actor.name, "reference": action.reference}
        )


def _judge_owner(action: PostmortemAction) -> None:
    if action.owner is None or not action.owner.is_human:
        raise InvalidInput.about("owner", gettext("Only active people own actions."))
    require_active(action.owner)
    if not _reads(action.owner, action.postmortem):
        raise InvalidInput.about("owner", gettext("This person may not see the postmortem."))


def _reads(person: User, postmortem: Postmortem) -> bool:
    return permissions.readers(actor_for(person, Door.TASK), postmortem)


def _link(action: PostmortemAction, text: str, actor: Actor) -> None:
    """By its reference; of a change whoever links it gives their word that it helps, which the gate may believe."""
    action.change_number = action.problem = action.fix_said_by_id = action.fix_service_id = None
    if is_blank(text):
        return
    record = linkable.named(actor, text, "link")
    if record.kind == CHANGE:
        action.change_number = record.pk
        if actor.is_human:
            action.fix_said_by_id, action.fix_service_id = actor.id, action.postmortem.about.service_id
    elif isinstance(record, Problem):
        action.problem = record
    else:
        raise InvalidInput.about("link", gettext("Name a change or a problem, such as CHG-00042."))


def _locked(postmortem: Postmortem, action: PostmortemAction) -> PostmortemAction:
    kept = (
        postmortem.actions.select_for_update(of=("self",), no_key=True)
        .select_related("owner", "problem")
        .filter(pk=action.pk)
    )
    found = kept.first()
    if found is None:
        raise NotFound(gettext("It is not there any more: somebody took it away meanwhile."))
    found.postmortem = postmortem
    return found


def _promise(action: PostmortemAction) -> None:
    """Tell its owner two days before, and when its day is over."""
    due.schedule(SOON, KIND, action.pk, action.due_at - BEFORE)
    due.schedule(LATE, KIND, action.pk, action.due_at)


def soon_when_due(action_id: int, at: datetime) -> None:
    """Two days before: its owner is told. Nothing where it is done or its day is over. Raises nothing."""
    action = _still_to_do(action_id)
    if action is not None and at < action.due_at:
        tell_of_action(action, Actor.system("postmortems"), "action_soon")


def late_when_due(action_id: int, at: datetime) -> None:
    """Its day is over: its owner and who leads the queue are told. Raises nothing."""
    action = _still_to_do(action_id)
    if action is not None and action.due_at <= at:
        tell_of_action(action, Actor.system("postmortems"), "action_overdue")


def _still_to_do(action_id: int) -> PostmortemAction | None:
    rows = PostmortemAction.objects.select_related("postmortem__incident__team", "postmortem__problem__team", "owner")
    return rows.filter(pk=action_id, done_at=None).exclude(postmortem__status=Status.WAIVED).first()


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Open actions of somebody who leaves are their successor's where they read the postmortem, else nobody's, in the
    caller's transaction. Raises nothing.
    """
    rows = PostmortemAction.objects.still_open().filter(owner=person)
    for action in rows.select_related("postmortem__incident", "postmortem__problem").order_by("pk"):
        reads = successor is not None and _reads(successor, action.postmortem)
        action.owner = successor if reads else None
        action.save(update_fields=["owner"])
        changes = {"owner": [person.username, action.owner.username if action.owner is not None else None]}
        lifecycle.announce(action.postmortem, "action_changed", actor=actor, changes=changes)
