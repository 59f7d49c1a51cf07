"""What stands in an incident, changed; what would no longer hold changes is confirmed by a second person first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Category, Incident
from incidents.incident.operations import placing
from incidents.incident.operations.majors import propose_as_major, refuse_demotion
from incidents.incident.operations.merged import require_unmerged
from incidents.incident.operations.proposed_edits import proposed_edit, standing
from incidents.incident.operations.telling import tell_assignee
from incidents.incident.vocabulary import PriorityBy
from incidents.incident.workflow import Status
from itsm import lifecycle
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_active
from itsm.approvals.models import Confirmation
from itsm.fields import values as typed_values
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.work import labels

_OF_WORK = ("priority", "impact", "urgency", "major", "team", "assigned_to")
_OF_LABELS = ("labels", "add_labels", "remove_labels")


def edit(
    incident: Incident, *, actor: Actor, version: int | None, seconded: Confirmation | None = None, **fields: Any
) -> Incident:
    """Change title, description, service, team (the queue), category, channel, caller, impact, urgency, priority
    (with `priority_why`), major, assigned_to, attributes (values of typed fields by key; the others stay), labels (all
    of them; `add_labels` and `remove_labels`: some, beside those that stand).

    Whoever gives a priority overrides the matrix; `priority` None leaves it to the matrix again. A move to another
    queue needs the right to assign here and to open there; an assignee who may not work there is no longer assigned.

    `major` true proposes that it is a major incident; whether it is one is decided there (`incidents.major`), and so is
    that it is none.

    What would no longer hold changes as before (a lower priority, another service) is for people without an interest,
    and a second person confirms it first (`seconded`): until then nothing of it changes, and the answer `awaits` that
    confirmation.

    Raises NotPermitted, InvalidInput and Conflict (an assignee who has left), WrongState (closed: it is not worked on),
    StaleVersion and VersionRequired.
    """
    if not permissions.workers(actor, incident):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(incident_reference)s: no right to change in %(team)s.")
            % {"actor_name": actor.name, "incident_reference": incident.reference, "team": incident.team.name}
        )
    assignee: User | None = fields.get("assigned_to")
    if assignee is not None and not (assignee.is_active and assignee.is_human):
        raise InvalidInput.about("assigned_to", gettext("Only active people can be assigned."))
    if seconded is not None:  # what it rests on was compared when it was done
        begun = lifecycle.edit(incident, actor=actor, version=None, version_required=False)
    else:
        begun = lifecycle.edit(incident, actor=actor, version=version)
    with transaction.atomic(), begun as current:
        require_active(assignee)
        require_unmerged(current, actor)
        fields = labelled(current.labels, fields)
        _require_worked_on(current, fields)
        major = fields.pop("major", None)
        refuse_demotion(current, major)
        if seconded is None:
            fields = _with_what_follows(current, fields, actor)
        sent = fields.pop("attributes", None) or {}
        _fill_in(current, sent, actor)
        assigned_before = current.assigned_to_id
        before = (current.holds_changes, current.priority, current.service_id)
        worked_on_by = current.assigned_to_id
        for field, value in fields.items():
            setattr(current, field, value)
        was_given = current.assigned_to_id not in (None, assigned_before)
        releases = before[0] and (current.priority > before[1] or current.service_id != before[2])
        if releases and seconded is None and not actor.is_system:
            current.refresh_from_db()
            current.awaits = proposed_edit(current, {**fields, "attributes": sent} if sent else fields, actor)
        else:
            if (
                current.assigned_to_id not in {None, worked_on_by}
                and current.acknowledged_at is None
                and actor.is_human
            ):
                current.acknowledged_at = timezone.now()  # somebody saw it and gave it to somebody
            typed_values.mirror(Incident.kind, current.pk, current.attributes, sent)
            if was_given:
                tell_assignee(current, actor)
        if major and not current.major:
            propose_as_major(current, actor=actor)
    return current


def labelled(stand: Sequence[str], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with `labels` as they shall be, where anything was said of them. Raises InvalidInput."""
    rest = {name: value for name, value in fields.items() if name not in _OF_LABELS}
    said = {name: fields[name] or () for name in _OF_LABELS if name in fields}
    if not said:
        return rest
    added, removed = said.get("add_labels", ()), {labels.normal(one) for one in said.get("remove_labels", ())}
    where = "labels" if "labels" in said else "add_labels"
    wanted = labels.labels_in([*said.get("labels", stand), *added], where=where)
    return {**rest, "labels": [one for one in wanted if one not in removed]}


def _require_worked_on(incident: Incident, fields: Mapping[str, Any]) -> None:
    """Raise WrongState where it is over for good and the edit would say how, where or by whom it is worked on."""
    if incident.status not in {Status.CLOSED, Status.CANCELLED}:
        return
    if any(name in fields and fields[name] != getattr(incident, name) for name in _OF_WORK):
        raise WrongState(
            gettext("%(reference)s is %(state)s: nobody works on it any more. Open a new one that follows it.")
            % {"reference": incident.reference, "state": incident.get_status_display().lower()},
            state=incident.status,
            available=[],
        )


def _fill_in(incident: Incident, sent: Mapping[str, Any], actor: Actor) -> None:
    """Put the values of typed fields that were sent beside those that stand. Raises InvalidInput."""
    if sent:
        incident.attributes = typed_values.changed(
            Incident.kind, incident.attributes, sent, actor=actor, works_here=permissions.staff(actor)
        )


def _with_what_follows(incident: Incident, fields: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """The fields, with what they bring along: who said the priority, the assignee in another queue, and the counts."""
    fields = dict(fields)
    if fields.get("caller") is not None:
        require_active(fields["caller"])
    if "priority" in fields and fields["priority"] is not None and fields["priority"] != incident.priority:
        fields = {"priority_why": "", **fields, "priority_by": PriorityBy.PERSON.value}
    else:
        fields = _by_the_matrix(incident, fields)
    return {**fields, **moved(incident, fields, actor)}


def _by_the_matrix(incident: Incident, fields: dict[str, Any]) -> dict[str, Any]:
    """What the matrix says where impact or urgency change, or where a person's word is taken back."""
    again = "priority" in fields and fields["priority"] is None
    fields = {name: value for name, value in fields.items() if name != "priority" or value is not None}
    if not (again or {"impact", "urgency"} & set(fields)):
        return fields
    after = Incident(
        impact=fields.get("impact", incident.impact),
        urgency=fields.get("urgency", incident.urgency),
        priority=incident.priority,
        priority_why=incident.priority_why,
        priority_by=PriorityBy.MATRIX.value if again else incident.priority_by,
    )
    placing.by_the_matrix(after)
    said = {"priority": after.priority, "priority_why": after.priority_why, "priority_by": after.priority_by}
    return {**fields, **{name: value for name, value in said.items() if value != getattr(incident, name)}}


def moved(incident: Incident, fields: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Judge a move to another queue or person; what follows from it. Raises NotPermitted and InvalidInput."""
    team: Team = fields.get("team") or incident.team
    moves = team.pk != incident.team_id
    assignee: User | None = fields.get("assigned_to", incident.assigned_to)
    follows: dict[str, Any] = {}
    if moves:
        placing.require_assigns(actor, incident.team)
        placing.require_queue(actor, team)
        if team.tier > incident.team.tier:
            follows["escalated_functionally"] = incident.escalated_functionally + 1
        if assignee is not None and "assigned_to" not in fields and not placing.works_in(assignee, team):
            follows["assigned_to"] = assignee = None
    given = assignee is not None and assignee.pk != incident.assigned_to_id
    if assignee is not None and given:
        placing.require_works_in(assignee, team)
        if assignee.pk != actor.id:
            placing.require_assigns(actor, team)
    if moves or (given and incident.assigned_to_id is not None):
        follows["reassigned"] = incident.reassigned + 1
    return follows


def reassign(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Open incidents of a person who leaves go to the successor, or to nobody, in the caller's transaction.

    Raises nothing.
    """
    for incident in Incident.objects.filter(assigned_to=person).still_open().select_related("team").order_by("pk"):
        with lifecycle.edit(incident, actor=actor, version=None, version_required=False) as current:
            works = successor is not None and placing.works_in(successor, incident.team)
            current.assigned_to = successor if works else None


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """What lies in a queue moves to another as its team is merged, in the caller's transaction. How many.

    Raises nothing.
    """
    return Incident.objects.filter(team=old).update(team=new, version=F("version") + 1)


def follow_team_of_categories(old: Team, new: Team, actor: Actor) -> int:
    """Categories that place incidents in a queue place them in another from now on. How many.

    Raises nothing.
    """
    return Category.objects.filter(team=old).update(team=new)


def edit_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The edit that a second person confirmed. Conflict where priority, major, service or what it says anew was changed
    meanwhile: nobody has read what it would write over."""
    incident, kept = Incident.objects.get(pk=confirmation.record_id), confirmation.payload
    with transaction.atomic():
        current = lifecycle.locked(incident)
        if standing(current, kept["before"]) != kept["before"]:
            raise Conflict(
                gettext("%(incident_reference)s was changed meanwhile; decline this and look again.")
                % {"incident_reference": current.reference}
            )
        edit(current, actor=actor, version=None, seconded=confirmation, **kept["fields"])
