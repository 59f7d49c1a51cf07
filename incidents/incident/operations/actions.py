"""What a list of actions does to an incident: its own operations, one after another, as one deed."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations import kinship
from incidents.incident.operations.checklist import add_task
from incidents.incident.operations.conversation import note, reply
from incidents.incident.operations.editing import edit, moved
from incidents.incident.operations.family import clear_parent, locked_with_children, set_parent
from incidents.incident.operations.following import watch
from incidents.incident.operations.merged import require_unmerged
from incidents.incident.operations.steps import was_asked
from incidents.incident.vocabulary import HoldReason
from incidents.incident.workflow import WORKFLOW
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, DomainError
from itsm.work.actions import Action, Blocked, Carried

_STAND_ALONE = frozenset({"merge", "split"})  # they hold several incidents, and have entries of their own
_EDITS = frozenset({"field", "team", "assignee"})


def carry_out(
    incident: Incident, actions: Sequence[Action], *, actor: Actor, version: int | None, because: str = ""
) -> Carried:
    """Do these actions, as `api.actions.read` has read them, in their order; edits that follow each other are one.

    Nothing is done where one refuses, nor where a second person would have to confirm one: that is asked for on the
    record's own page. Raises what the operations raise, StaleVersion, and Conflict for a step that stands alone.
    """
    names = {one.value[0] for one in actions if one.kind == "step"} & _STAND_ALONE
    if names and len(actions) > 1:
        raise Conflict(gettext("%(step)s stands alone: nothing else is done with it.") % {"step": names.pop()})
    with transaction.atomic():
        if not names:
            _lock_in_order(incident, actions, actor)
        with lifecycle.as_one(incident, actor=actor, because=because) as deed:
            lifecycle.check_version(deed.record, version, required=False)
            if not names:
                require_unmerged(deed.record, actor)
            for place, done in enumerate(_in_their_order(actions)):
                _refuse_waiting(done(lifecycle.locked(incident) if place else deed.record, actor))
    happened = deed.as_one()
    return Carried(deed.record, happened.changes if happened else {})


def _lock_in_order(incident: Incident, actions: Sequence[Action], actor: Actor) -> None:
    """Whatever the operations will lock beside the incident, by id and before it, as everywhere."""
    kinds = {one.kind: one.value for one in actions}
    resolves = "step" in kinds and kinds["step"][0] == "resolve"
    if "parent" in kinds:
        kinship.one_at_a_time()
        wanted = {kinship.named(actor, kinds["parent"], "parent")} if kinds["parent"] else set()
        children = Incident.objects.filter(parent=incident.pk).still_open().values_list("pk", flat=True)
        kinship.locked_together({incident.pk, *wanted, *(children if resolves else ())})
    elif resolves:
        locked_with_children(incident)


def _in_their_order(actions: Sequence[Action]) -> list[Callable[[Incident, Actor], Any]]:
    """What to call for each; edits that follow each other become one."""
    calls: list[Callable[[Incident, Actor], Any]] = []
    fields: dict[str, Any] = {}
    for one in actions:
        if one.kind in _EDITS:
            if not fields:
                calls.append(_edits(fields))
            fields.update(_fields_of(one))
        else:
            fields = {}
            calls.append(_does(one))
    return calls


def _fields_of(action: Action) -> dict[str, Any]:
    names = {"team": "team", "assignee": "assigned_to"}
    return dict(action.value) if action.kind == "field" else {names[action.kind]: action.value}


def _edits(fields: Mapping[str, Any]) -> Callable[[Incident, Actor], Any]:
    return lambda incident, actor: edit(incident, actor=actor, version=incident.version, **fields)


def _does(action: Action) -> Callable[[Incident, Actor], Any]:
    kind, value = action
    match kind:
        case "note" | "reply":
            return lambda incident, actor: (note if kind == "note" else reply)(incident, actor=actor, text=value)
        case "watcher":
            return lambda incident, actor: watch(incident, actor=actor, user=value)
        case "tasks":
            return lambda incident, actor: [add_task(incident, actor=actor, **one) for one in value]
        case "parent" if value is None:
            return lambda incident, actor: clear_parent(incident, actor=actor)
        case "parent":
            return lambda incident, actor: set_parent(incident, actor=actor, parent=value)
    name, words = value
    return lambda incident, actor: WORKFLOW.take(name, incident, actor=actor, at=timezone.now(), **words)


def _refuse_waiting(done: Any) -> None:
    if getattr(done, "awaits", None) is not None:
        raise Conflict(
            gettext(
                "Nothing was done: %(reference)s holds changes, and a second person confirms this first. Ask for it on "
                "its own page."
            )
            % {"reference": done.reference}
        )


def possible(incident: Incident, actor: Actor, actions: Sequence[Action]) -> list[Blocked]:
    """Which of these (read) actions cannot run, and why, as far as looking says it; nothing is locked or changed.

    Each is looked at as those before it would leave the incident. Raises nothing.
    """
    stands, blocked = copy(incident), []
    for place, one in enumerate(actions):
        before = copy(stands)
        try:
            _look(stands, one, actor)
        except DomainError as refusal:
            stands = before
            blocked.append(Blocked(place, refusal.detail))
    return blocked


def _look(stands: Incident, action: Action, actor: Actor) -> None:
    """Refuse as the operation would; else let the copy stand as it would stand then."""
    require_unmerged(stands, actor)
    if action.kind == "step":
        name, words = action.value
        _look_at_step(stands, name, words, actor)
        return
    if action.kind != "reply" or not permissions.theirs(actor, stands):
        kinship.require_works_on(actor, stands)
    if action.kind in _EDITS:
        fields = _fields_of(action)
        moved(stands, fields, actor)
        for name in ("team", "assigned_to"):
            if name in fields:
                setattr(stands, name, fields[name])
    elif action.kind == "reply" and actor.id != stands.caller_id:
        stands.agent_spoke_at = timezone.now()
    elif action.kind == "tasks" and not stands.is_open:
        said = {"reference": stands.reference}
        raise Conflict(gettext("%(reference)s is over; its tasks stay as they are.") % said)


def _look_at_step(stands: Incident, name: str, words: Mapping[str, Any], actor: Actor) -> None:
    step = WORKFLOW.begin(name, actor, stands)
    if name == "hold" and words.get("hold_reason") == HoldReason.CALLER and not was_asked(stands):
        raise Conflict(gettext("Ask first: reply to the caller, then put it on hold."))
    if name == "cancel" and stands.holds_changes:
        stands.awaits = True  # type: ignore[assignment]  # a second person would have to confirm it
        _refuse_waiting(stands)
    for word, value in words.items():
        if hasattr(stands, word):
            setattr(stands, word, value)
    WORKFLOW.finish(step, stands)
    vars(stands)["status"] = step.leads_to(stands.status)  # a copy that nobody stores
