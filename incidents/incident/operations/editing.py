"""What stands in an incident, changed; what would no longer hold changes is confirmed by a second person first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations.holding_changes import SECOND_ROLES, services_without_interest
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted

EDIT = "incidents: edit one that holds changes"
_HOLDING = ("priority", "major", "service_id")
_LONGEST_WORDS = 300


def edit(
    incident: Incident, *, actor: Actor, version: int | None, seconded: Confirmation | None = None, **fields: Any
) -> Incident:
    """Change title, description, service, priority, major, assigned_to.

    What would no longer hold changes as before (a lower priority, not major any more, another service) is for people
    without an interest, and a second person confirms it first (`seconded`): until then nothing of it changes, and the
    answer `awaits` that confirmation.

    Raises NotPermitted, InvalidInput and Conflict (an assignee who has left), StaleVersion and VersionRequired.
    """
    if not permissions.responders(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(incident_reference)s.")
            % {"actor_name": actor.name, "incident_reference": incident.reference}
        )
    assignee: User | None = fields.get("assigned_to")
    if assignee is not None and not (assignee.is_active and assignee.is_human):
        raise InvalidInput(gettext("Only active people can be assigned."), {"assigned_to": ["not an active person"]})
    if seconded is not None:  # what it rests on was compared when it was done
        begun = lifecycle.edit(incident, actor=actor, version=None, version_required=False)
    else:
        begun = lifecycle.edit(incident, actor=actor, version=version)
    with transaction.atomic(), begun as current:
        require_active(assignee)
        before = (current.holds_changes, current.priority, current.major, current.service_id)
        for field, value in fields.items():
            setattr(current, field, value)
        releases = before[0] and (
            current.priority > before[1] or (before[2] and not current.major) or current.service_id != before[3]
        )
        if releases and seconded is None and not actor.is_system:
            current.refresh_from_db()
            current.awaits = _proposed_edit(current, fields, actor)
    return current


def reassign(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Open incidents of a person who leaves go to the successor, or to nobody, in the caller's transaction.

    Raises nothing.
    """
    for incident in Incident.objects.filter(assigned_to=person).still_open().order_by("pk"):
        with lifecycle.edit(incident, actor=actor, version=None, version_required=False) as current:
            current.assigned_to = successor


def edit_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The edit that a second person confirmed. Conflict where priority, major or service changed meanwhile."""
    incident, kept = Incident.objects.get(pk=confirmation.record_id), confirmation.payload
    with transaction.atomic():
        current = lifecycle.locked(incident)
        if {name: getattr(current, name) for name in kept["before"]} != kept["before"]:
            raise Conflict(
                gettext("%(incident_reference)s was changed meanwhile; decline this and look again.")
                % {"incident_reference": current.reference}
            )
        edit(current, actor=actor, version=None, seconded=confirmation, **kept["fields"])


def _proposed_edit(incident: Incident, fields: Mapping[str, Any], actor: Actor) -> Confirmation:
    wanted = {f"{name}_id" if isinstance(value, Model) else name: _key(value) for name, value in fields.items()}
    wanted = {"service_id" if name == "service" else name: value for name, value in wanted.items()}
    wanted = {"assigned_to_id" if name == "assigned_to" else name: value for name, value in wanted.items()}
    changed = {name: value for name, value in wanted.items() if getattr(incident, name) != value}
    return propose(
        incident,
        actor=actor,
        at=timezone.now(),
        action=EDIT,
        subject=gettext("Make %(incident_reference)s hold changes less") % {"incident_reference": incident.reference},
        payload={"fields": changed, "before": {name: getattr(incident, name) for name in _HOLDING}},
        differences=[_difference(incident, name, value) for name, value in changed.items()],
        services=services_without_interest(
            incident, actor, gettext("make an incident that holds changes more lenient")
        ),
        roles=SECOND_ROLES,
    )


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
    if isinstance(value, bool):
        words = {True: gettext("yes"), False: gettext("no")}
        return Difference(label, words[getattr(incident, name)], words[value])
    return Difference(label, str(getattr(incident, name))[:_LONGEST_WORDS], str(value)[:_LONGEST_WORDS])
