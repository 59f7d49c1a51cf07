"""What lies with a person or a queue, for who takes it over."""

from django.utils.translation import gettext

from incidents.incident.models import Category, Incident, IncidentQuerySet
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User

_MOST_DUTIES = 200


def lying_in(team: Team) -> list[Duty]:
    """Open incidents in a queue: each would stay with its team."""
    rows = Incident.objects.filter(team=team).still_open().order_by("priority", "pk")
    return [_open(one, gettext("stays in its queue")) for one in rows[:_MOST_DUTIES]]


def placed_by(team: Team) -> list[Duty]:
    """Categories that place incidents in this queue."""
    return [
        Duty(
            what=gettext("category"),
            reference=one.path,
            name=one.name,
            path="/incidents/",
            otherwise=gettext("places incidents in triage"),
            passes=True,
        )
        for one in Category.objects.filter(team=team, retired_at=None)
    ]


def assigned_to(person: User) -> list[Duty]:
    """Open incidents that this person works on."""
    return [_open(one, gettext("is assigned to nobody")) for one in lying_with(person.pk).order_by("priority", "pk")]


def lying_with(person: int) -> IncidentQuerySet:
    """Open incidents that this person works on."""
    return Incident.objects.filter(assigned_to=person).still_open()


def _open(one: Incident, otherwise: str) -> Duty:
    return Duty(gettext("open incident"), one.reference, one.title, one.get_absolute_url(), otherwise, passes=True)
