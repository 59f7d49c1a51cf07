"""Fields of an incident: what an agent would set, held against what stands, and set by who accepts it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, pgettext
from pydantic import Field

from incidents.incident.api import reading
from incidents.incident.models import Incident
from incidents.incident.operations.putting_back import put_back
from incidents.incident.vocabulary import Level, Priority
from itsm.fields import queries as typed
from itsm.fields import values as typed_values
from itsm.fields.queries import Names
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.proposals.kinds import Body, Draft, Written, done
from itsm.work import actions
from itsm.work.actions import Action

_TYPED = "attributes."
_LABELS = ("add_labels", "remove_labels")
_NAMED = ("team", "assigned_to", "category")  # shown by name
_LONGEST_SHOWN = 2_000


class FieldsProposed(Body):
    """Fields of an incident by their names in REST; those that are left out stay. null takes the value away (priority:
    leaves it to the matrix)."""

    title: str | None = Field(None, max_length=160)
    description: str | None = None
    service: str | None = Field(None, description="Slug of a service.")
    team: str | None = Field(None, description="Slug of the queue it should move to.")
    category: str | None = Field(None, description="Path of a category, such as Hardware / Printer.")
    impact: int | None = Field(None, description="1 high, 2 medium, 3 low.")
    urgency: int | None = Field(None, description="1 high, 2 medium, 3 low.")
    priority: int | None = Field(None, description="1 to 5; null: by the matrix.")
    assigned_to: str | None = Field(None, description="User name of a person.")
    add_labels: list[str] | None = None
    remove_labels: list[str] | None = None
    attributes: dict[str, Any] | None = Field(None, description="Typed fields by key.")


def drafts(incident: Incident, body: FieldsProposed, eyes: Actor) -> list[Draft]:
    """A part for each field that would change. Raises InvalidInput for what names nothing the owner may see."""
    said = body.model_dump(exclude_unset=True)
    attributes = said.pop("attributes", None) or {}
    found = reading.edits(said, eyes)
    if found.get("team") is not None and found["team"].confidential:  # whoever reads the incident reads this too
        raise InvalidInput.about("team", gettext("It is confidential: its people move incidents there themselves."))
    if attributes:
        typed_values.changed(Incident.kind, incident.attributes, attributes, actor=eyes, works_here=True)
    wanted = {**said, **{f"{_TYPED}{key}": value for key, value in attributes.items()}}
    meant = {**wanted, **{name: found[name] for name in _NAMED if found.get(name) is not None}}
    changing = [name for name, value in wanted.items() if _would_change(incident, name, value)]
    return [_draft(incident, name, wanted[name], meant[name]) for name in changing]


def overtaken(incident: Incident, part: Any) -> str:
    """Why this field is not what it was proposed for any more."""
    if (over := is_over(incident)) != "":
        return over
    if not _would_change(incident, part.field, part.value):
        return gettext("%(label)s is so already.") % {"label": part.label}
    if part.field in _LABELS or (stands := _stands(incident, part.field)) == part.before:
        return ""
    return gettext("%(label)s is %(value)s meanwhile.") % {"label": part.label, "value": _shown(part.field, stands)}


def is_over(incident: Incident) -> str:
    """Why nothing is written on it any more; "" while something may be."""
    if incident.merged_into_id is not None:
        return gettext("%(reference)s was merged into another.") % {"reference": incident.reference}
    if not incident.is_open:
        said = {"reference": incident.reference, "state": incident.get_status_display().lower()}
        return gettext("%(reference)s is %(state)s.") % said
    return ""


def write(incident: Incident, values: Mapping[str, Any], actor: Actor, at: datetime) -> Written:
    """One edit by the person, as from the incident's own page. Raises what `incidents.edit` raises, and Conflict where
    that would only ask a second person."""
    sent = {name: value for name, value in values.items() if not name.startswith(_TYPED)}
    if typed_ones := {name.removeprefix(_TYPED): value for name, value in values.items() if name.startswith(_TYPED)}:
        sent["attributes"] = typed_ones
    carried = actions.carry_out(incident, [Action("field", sent)], actor=actor, version=None)
    return Written(carried.changes, done(carried.record).version)


def back(incident: Incident, changes: Mapping[str, Any], version: int, actor: Actor) -> None:
    """The edit taken back, where nobody changed the incident since."""
    put_back(incident, changes, actor=actor, version=version)


def _draft(incident: Incident, name: str, value: Any, meant: Any) -> Draft:
    if name in _LABELS:
        return Draft(name, label_of(name), value, _shown(name, value))
    stands = _stands(incident, name)
    stood = getattr(incident, name) if name in _NAMED else stands
    return Draft(name, label_of(name), value, _shown(name, meant), stands, _shown(name, stood))


def _would_change(incident: Incident, name: str, value: Any) -> bool:
    if name in _LABELS:
        has = {one.lower() for one in incident.labels}
        named = {str(one).strip().lower() for one in value or ()}
        return bool(named - has if name == "add_labels" else named & has)
    return bool(_stands(incident, name) != value)


def _stands(incident: Incident, name: str) -> Any:
    """What the field is now, as REST has it."""
    if name.startswith(_TYPED):
        actor = Actor.system("proposals")
        fields = typed.live(Incident.kind, actor)
        names = Names(actor, fields, [incident.attributes])
        return typed_values.for_rest(fields, incident.attributes, names).get(name.removeprefix(_TYPED))
    value = getattr(incident, name)
    match name:
        case "service" | "team":
            return value.slug if value is not None else None
        case "category":
            return value.path if value is not None else None
        case "assigned_to":
            return value.username if value is not None else None
    return value


def label_of(name: str) -> str:
    """The field's name for people."""
    if name.startswith(_TYPED):
        found = {one.key: one.label for one in typed.live(Incident.kind, Actor.system("proposals"))}
        return str(found.get(name.removeprefix(_TYPED), name.removeprefix(_TYPED)))
    if name in _LABELS:
        return gettext("Add labels") if name == "add_labels" else gettext("Remove labels")
    return str(Incident._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]


def _shown(name: str, value: Any) -> str:
    if name == "priority":
        return str(Priority(value).label) if value in Priority.values else gettext("by the matrix")
    if name in {"impact", "urgency"} and value in Level.values:
        return str(Level(value).label)
    if value is None or value == "" or value == []:
        return pgettext("a field's value", "nothing")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name == "team" and not isinstance(value, str):
        return str(value.name)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))[:_LONGEST_SHOWN]
    return str(value)[:_LONGEST_SHOWN]
