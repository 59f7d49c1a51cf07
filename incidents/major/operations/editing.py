"""What stands in a major incident, changed: its severity, who plays which part, how often those who wait hear."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.major import permissions
from incidents.major.models import Major
from incidents.major.operations import cadence, telling
from incidents.major.operations.deciding import severity_said
from incidents.major.operations.holding import held, require_may_lead
from incidents.major.vocabulary import LONGEST_CADENCE, ROLES, SHORTEST_CADENCE
from incidents.major.workflow import RUNNING, TURNED_DOWN, Status
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications.sayings import saying as _

PARTS = {"commander": _("commander"), "communications": _("who speaks for it"), "scribe": _("scribe")}
_OVER = (Status.CONCLUDED, *TURNED_DOWN)
_DECIDED = ("severity", "commander")  # by those who decide, and by who commands it


@transaction.atomic
def edit(major: Major, *, actor: Actor, version: int | None, **fields: Any) -> Major:
    """Change severity (1-4), impact, commander, communications, scribe (people, or None but for the commander), bridge
    (where those who work on it meet), cadence (minutes between updates).

    Severity and commander are said by those who decide, and by who commands it; a postmortem stays owed by the gravest
    that was said, until it is waived or a second person confirms that it is no major incident.
    Raises NotPermitted, InvalidInput, Conflict (who has left), WrongState (not running), StaleVersion, VersionRequired.
    """
    require_works_on(actor, major)
    incident = held(major)
    people = {name: fields[name] for name in ROLES if name in fields}
    with lifecycle.edit(
        major, actor=actor, version=version, event="appointed" if people.keys() >= fields.keys() else "edited"
    ) as current:
        _require_led(current, actor)
        _judge(current, fields, actor)
        for name, person in people.items():
            require_may_lead([person], incident, name)
        before = {name: getattr(current, f"{name}_id") for name in ROLES}
        for name, value in fields.items():
            setattr(current, name, value)
        current.gravest = min(one for one in (current.gravest, current.severity) if one is not None)
        if "cadence" in fields and current.is_running:
            cadence.begin(current, current.told_at or current.accepted_at or timezone.now())
    for name in ROLES:
        given = getattr(current, f"{name}_id")
        if given is not None and given not in {before[name], actor.id}:
            telling.tell_appointed(current, actor, given, PARTS[name])
    return current


def require_works_on(actor: Actor, major: Major) -> None:
    """Raise NotPermitted for who may not change this one."""
    if not permissions.workers(actor, major):
        raise NotPermitted(
            gettext("%(name)s may not change %(reference)s: no right to change in %(team)s.")
            % {"name": actor.name, "reference": major.reference, "team": major.incident.team.name}
        )


def _require_led(major: Major, actor: Actor) -> None:
    if major.status not in {*RUNNING, Status.RESOLVED}:
        raise WrongState(
            gettext("%(reference)s is %(state)s: nobody leads it.")
            % {"reference": major.reference, "state": major.get_status_display().lower()},
            state=major.status,
            available=[step.action for step in major.workflow.open_to(actor, major)],
        )


def _judge(major: Major, fields: dict[str, Any], actor: Actor) -> None:
    changed = [name for name in _DECIDED if name in fields and fields[name] != getattr(major, name)]
    if changed and not permissions.enders(actor, major):
        raise NotPermitted(gettext("Who commands it, a manager or an owner says the severity and who commands it."))
    if "severity" in fields:
        fields["severity"] = severity_said(fields["severity"])
    if "commander" in fields and fields["commander"] is None:
        raise InvalidInput.about("commander", gettext("Somebody always commands it: name who takes over."))
    if "cadence" in fields and not SHORTEST_CADENCE <= fields["cadence"] <= LONGEST_CADENCE:
        words = gettext("From %(least)d to %(most)d minutes.") % {"least": SHORTEST_CADENCE, "most": LONGEST_CADENCE}
        raise InvalidInput.about("cadence", words)


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """The parts of a person who leaves in what still runs go to the successor; without one the others' parts are
    nobody's, and the commander's is whoever accepted it. In the caller's transaction. Raises nothing."""
    for name in ROLES:
        for major in Major.objects.filter(**{name: person}).exclude(status__in=_OVER).order_by("pk"):
            with lifecycle.edit(major, actor=actor, version=None, version_required=False, event="appointed") as current:
                setattr(current, f"{name}_id", _next(current, name, person, successor))


def _next(major: Major, name: str, person: User, successor: User | None) -> int | None:
    if successor is not None:
        return successor.pk
    if name != "commander":
        return None
    others = (major.decided_by_id, major.communications_id, major.scribe_id)
    return next((one for one in others if one is not None and one != person.pk), person.pk)
