"""What the values of actions on incidents name, and the actions in words."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.incident.api import reading
from incidents.incident.models import Incident
from incidents.incident.operations import kinship
from incidents.incident.workflow import WORKFLOW
from itsm.accounts.models import User
from itsm.api.nearest import did_you_mean
from itsm.api.people import PersonField, QueueField
from itsm.api.steps import body_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work.actions import Action

ME = "me"
_LABELS = {"add_labels": gettext_lazy("Add labels"), "remove_labels": gettext_lazy("Remove labels")}


def read(action: Action, actor: Actor) -> Any:
    """The value with its people, queues and choices found, as `operations.actions.carry_out` takes it.

    What the actor may not see is what does not exist. Raises InvalidInput, with a sentence for each field.
    """
    if action.kind == "field":
        return reading.edits(action.value, actor)
    if action.kind == "step":
        return _step(dict(action.value), actor)
    if action.kind in {"assignee", "watcher"}:
        return None if action.value is None else _person(action.value, actor)
    if action.kind == "team":
        return reading.one(QueueField(), action.value, actor)
    if action.kind == "parent" and action.value is not None:
        kinship.named(actor, action.value, "parent")
    return action.value


def describe(action: Action) -> str:
    """What it does, in a few words, with names as they are sent."""
    kind, value = action
    match kind:
        case "field":
            return "; ".join(f"{_label(name)}: {_shown(name, one)}" for name, one in value.items())
        case "step":
            step = WORKFLOW.steps.get(value["step"])
            return str(step.label) if step else str(value["step"])
        case "team":
            return _("Queue: %(name)s") % {"name": value}
        case "assignee":
            return _("Assigned to %(name)s") % {"name": value} if value else _("Assigned to nobody")
        case "watcher":
            return _("Watched by %(name)s") % {"name": value}
        case "parent":
            return _("Parent: %(name)s") % {"name": value} if value else _("Without a parent")
    return {"tasks": _("Tasks"), "note": _("Note"), "reply": _("Reply")}[kind]


def _label(name: str) -> str:
    if name in _LABELS:
        return str(_LABELS[name])
    try:
        return str(Incident._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def _shown(name: str, value: Any) -> str:
    if name == "priority":
        return _("by the matrix") if value is None else f"P{value}"
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, list):
        return ", ".join(map(str, value))[:60]
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else str(value)[:60]


def _person(name: str, actor: Actor) -> User:
    if name != ME:
        return reading.one(PersonField(), name, actor)  # type: ignore[no-any-return]
    found = User.objects.filter(pk=actor.id).first() if actor.id is not None else None
    if found is None:
        raise InvalidInput(_("Only a person can say me."))
    return found


def _step(value: dict[str, Any], actor: Actor) -> tuple[str, dict[str, Any]]:
    """The name of the step, and its words."""
    name = value.pop("step")
    if name not in WORKFLOW.operations:
        near = did_you_mean(name, WORKFLOW.operations)
        raise InvalidInput(_("There is no step called %(name)s.") % {"name": name[:40]} + near)
    return name, reading.validated(
        body_of(WORKFLOW.steps[name].words)(data=value, context={"view": reading.Asker(actor)})
    )
