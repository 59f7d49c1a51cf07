"""A major incident and its incident are locked together, the incident first, by whoever writes either."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations import placing
from incidents.major.models import Major
from incidents.major.models.majors import TIMES
from incidents.major.rules import times_wrong
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState

SYSTEM = Actor.system("major incidents")


def held(major: Major) -> Incident:
    """Its incident as it stands now, locked to the end of the transaction. Raises NotFound."""
    return lifecycle.locked(Incident(pk=major.incident_id))


def require_open(incident: Incident) -> None:
    """Raise WrongState where the incident is over: then nothing is led any more."""
    if not incident.is_open:
        raise WrongState(
            gettext("%(reference)s is %(state)s; reopen it first, or open a new one.")
            % {"reference": incident.reference, "state": incident.get_status_display().lower()},
            state=incident.status,
            available=[],
        )


def judge_times(major: Major) -> None:
    """Fill in what is wrong with its times, for the table that needs them right. Raises nothing."""
    major.times_wrong = times_wrong({name: getattr(major, name) for name in TIMES}, timezone.now())


def person_named(name: str, incident: Incident, field: str) -> User:
    """The person of this user name, who may work in the incident's queue and is held active.

    Raises InvalidInput and Conflict.
    """
    found = User.objects.filter(username__iexact=name.strip().replace("\0", "")).first()
    if found is None:
        raise InvalidInput.about(field, gettext("There is no account of this name."))
    require_may_lead([found], incident, field)
    return found


def require_may_lead(people: Iterable[User | None], incident: Incident, field: str) -> None:
    """Raise InvalidInput for programs and for who may not work in the incident's queue, Conflict for who has left."""
    for person in people:
        if person is None:
            continue
        if not person.is_human:
            raise InvalidInput.about(field, gettext("People lead a major incident; a program does not."))
        require_active(person)
        placing.require_works_in(person, incident.team, field=field)
