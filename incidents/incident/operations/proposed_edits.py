"""Edits that wait for a second person, because changes would be held less afterwards."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations.holding_changes import SECOND_ROLES, services_without_interest
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor

EDIT = "incidents: edit one that holds changes"
_HOLDING = ("priority", "major", "service_id")
_LONGEST_WORDS = 300


def proposed_edit(incident: Incident, fields: Mapping[str, Any], actor: Actor) -> Confirmation:
    """The edit as it waits for a second person, with what it would write over.

    Raises NotPermitted: programs, and people with an interest in a service whose changes are held.
    """
    wanted = {f"{name}_id" if isinstance(value, Model) else name: _key(value) for name, value in fields.items()}
    wanted = {"service_id" if name == "service" else name: value for name, value in wanted.items()}
    links = {"assigned_to", "team", "category", "caller"}
    wanted = {f"{name}_id" if name in links else name: value for name, value in wanted.items()}
    changed = {name: value for name, value in wanted.items() if getattr(incident, name) != value}
    return propose(
        incident,
        actor=actor,
        at=timezone.now(),
        action=EDIT,
        subject=gettext("Make %(incident_reference)s hold changes less") % {"incident_reference": incident.reference},
        payload={"fields": changed, "before": standing(incident, dict.fromkeys(_HOLDING) | changed)},
        differences=[_difference(incident, name, value) for name, value in changed.items()],
        services=services_without_interest(
            incident, actor, gettext("make an incident that holds changes more lenient")
        ),
        roles=SECOND_ROLES,
    )


def standing(incident: Incident, named: Mapping[str, Any]) -> dict[str, Any]:
    """What the incident has of these; of typed fields those keys alone, as the others stay. Raises nothing."""
    found = {name: getattr(incident, name) for name in named}
    if "attributes" in found:
        found["attributes"] = {key: incident.attributes.get(key) for key in named["attributes"]}
    return found


def _key(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


def _difference(incident: Incident, name: str, value: Any) -> Difference:
    field: Any = Incident._meta.get_field(name.removesuffix("_id"))
    label = str(field.verbose_name).capitalize()
    after = Incident(**{name: value})
    if name == "priority":
        return Difference(label, incident.get_priority_display(), after.get_priority_display())
    if name.endswith("_id"):
        shown = name.removesuffix("_id")
        return Difference(label, str(getattr(incident, shown) or "–"), str(getattr(after, shown) or "–"))
    if name == "attributes":
        stood, wanted = (
            ", ".join(f"{key}: {kept}" for key, kept in values.items() if key in value)
            for values in (incident.attributes, value)
        )
        return Difference(label, stood[:_LONGEST_WORDS] or "–", wanted[:_LONGEST_WORDS])
    if name == "labels":
        return Difference(label, ", ".join(incident.labels) or "–", ", ".join(value) or "–")
    if isinstance(value, bool):
        words = {True: gettext("yes"), False: gettext("no")}
        return Difference(label, words[getattr(incident, name)], words[value])
    return Difference(label, str(getattr(incident, name))[:_LONGEST_WORDS], str(value)[:_LONGEST_WORDS])
