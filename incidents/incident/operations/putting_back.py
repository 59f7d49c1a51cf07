"""Edits of a deed taken back, by the same rules as any edit; steps and words are never taken back."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations import kinship
from incidents.incident.operations.editing import edit
from incidents.incident.operations.family import clear_parent, set_parent
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.kernel.references import reference as reference_of

_EDITED = {
    "title": "title", "description": "description", "service_id": "service", "team_id": "team",
    "category_id": "category", "channel": "channel", "caller_id": "caller", "impact": "impact", "urgency": "urgency",
    "priority": "priority", "major": "major", "assigned_to_id": "assigned_to", "labels": "labels",
}  # fmt: skip
# What followed from the edit, and goes back with it.
_FOLLOWED = ("priority_by", "priority_why", "reassigned", "escalated_functionally")


def put_back(incident: Incident, changes: Mapping[str, Any], *, actor: Actor, version: int) -> Incident:
    """Give what a deed changed (`changes`: [before, after] by field) the values that it had before.

    `version`: as the deed left it; StaleVersion where somebody changed it since. Raises Conflict where the deed took a
    step or was words alone, and refuses what an edit of the actor would be refused.
    """
    if "status" in changes:
        raise Conflict(gettext("A step was taken; steps are not taken back."))
    fields = {_EDITED[name]: _found(name, pair[0]) for name, pair in changes.items() if name in _EDITED}
    if "attributes" in changes:
        before, after = changes["attributes"]
        fields["attributes"] = {key: before.get(key) for key in {*before, *after} if before.get(key) != after.get(key)}
    if not fields and "parent_id" not in changes:
        raise Conflict(gettext("Words and tasks stay; there is no edit to take back."))
    if "parent_id" in changes:
        kinship.one_at_a_time()
        kinship.locked_together({incident.pk, *filter(None, [changes["parent_id"][0]])})
    with lifecycle.as_one(incident, actor=actor, because=gettext("taken back")):
        lifecycle.check_version(lifecycle.locked(incident), version, required=True)
        if fields:
            _edit_back(incident, fields, changes, actor)
        if "parent_id" in changes:
            _parent_back(incident, changes["parent_id"][0], actor)
    return lifecycle.locked(incident)


def _edit_back(incident: Incident, fields: Mapping[str, Any], changes: Mapping[str, Any], actor: Actor) -> None:
    kept = edit(incident, actor=actor, version=lifecycle.locked(incident).version, **fields)
    if kept.awaits is not None:
        raise Conflict(
            gettext("%(reference)s would hold changes less: a second person confirms this. Ask for it on its own page.")
            % {"reference": kept.reference}
        )
    with lifecycle.edit(incident, actor=actor, version=None, version_required=False) as current:
        for name in _FOLLOWED:
            if name in changes:
                setattr(current, name, changes[name][0])


def _parent_back(incident: Incident, parent_id: int | None, actor: Actor) -> None:
    if parent_id is None:
        clear_parent(incident, actor=actor)
    else:
        set_parent(incident, actor=actor, parent=reference_of("INC", parent_id))


def _found(name: str, value: Any) -> Any:
    """What the id named, where the field is a link."""
    field: Any = Incident._meta.get_field(name.removesuffix("_id"))
    if not field.is_relation or value is None:
        return value
    return field.related_model._base_manager.get(pk=value)
