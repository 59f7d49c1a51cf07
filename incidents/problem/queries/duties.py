"""What lies with a person or a queue, for who takes it over."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from incidents.problem.models import Problem
from incidents.problem.vocabulary import CloseCode
from incidents.problem.workflow import STANDING
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User

_MOST_DUTIES = 200


def lying_with(person: User | int) -> QuerySet[Problem]:
    """Problems that this person owns: those that stand, and accepted risks that are to be looked at again."""
    owed = Q(status__in=STANDING) | Q(close_code=CloseCode.RISK_ACCEPTED)
    return Problem.objects.filter(owed, owner=person).order_by("pk")


def owned_by(person: User) -> list[Duty]:
    """The same for who wants to deactivate them."""
    return [_duty(one, gettext("is owned by nobody")) for one in lying_with(person)]


def lying_in(team: Team) -> list[Duty]:
    """Standing problems in a queue: each would stay with its team."""
    found: QuerySet[Problem] = Problem.objects.filter(team=team, status__in=STANDING).order_by("pk")[:_MOST_DUTIES]
    return [_duty(one, gettext("stays in its queue")) for one in found]


def _duty(problem: Problem, otherwise: str) -> Duty:
    return Duty(
        what=gettext("problem"),
        reference=problem.reference,
        name=problem.statement,
        path=problem.get_absolute_url(),
        otherwise=otherwise,
        passes=True,
    )
