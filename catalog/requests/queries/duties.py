"""What lies with a person or a queue, for who takes it over."""

from django.db.models import QuerySet
from django.utils.translation import gettext

from catalog.requests.models import RequestItem
from catalog.requests.workflow import ITEM_OPEN
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User

_MOST_DUTIES = 200


def assigned_to(person: User) -> list[Duty]:
    """Open items that this person was given to fulfil."""
    return [_duty(one, gettext("goes back to its queue")) for one in lying_with(person.pk)[:_MOST_DUTIES]]


def lying_with(person: int) -> QuerySet[RequestItem]:
    """Open items that are theirs to fulfil."""
    return _open().filter(assigned_to=person)


def lying_in(team: Team) -> list[Duty]:
    """Open items in a queue: each would stay with its team."""
    return [_duty(one, gettext("stays in its queue")) for one in _open().filter(team=team)[:_MOST_DUTIES]]


def _open() -> QuerySet[RequestItem]:
    return RequestItem.objects.filter(status__in=ITEM_OPEN).select_related("request").order_by("pk")


def _duty(item: RequestItem, otherwise: str) -> Duty:
    return Duty(
        what=gettext("requested item"),
        reference=item.reference,
        name=item.name,
        path=item.get_absolute_url(),
        otherwise=otherwise,
        passes=True,
    )
