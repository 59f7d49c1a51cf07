"""What lies with a person, for who takes it over."""

from django.db.models import QuerySet
from django.utils.translation import gettext

from incidents.postmortem.models import PostmortemAction
from incidents.postmortem.workflow import Status
from itsm.accounts.duties import Duty
from itsm.accounts.models import User


def actions_of(person: User) -> list[Duty]:
    """Open actions that this person owns."""
    rows = still_open_of(person.pk).exclude(postmortem__status=Status.WAIVED)
    return [
        Duty(
            what=gettext("action of a postmortem"),
            reference=one.reference,
            name=one.text,
            path=one.get_absolute_url(),
            otherwise=gettext("is owned by nobody"),
            passes=True,
        )
        for one in rows.order_by("due_at", "pk")
    ]


def still_open_of(person: int) -> QuerySet[PostmortemAction]:
    """What they own and is not done, of postmortems that were waived too."""
    return PostmortemAction.objects.still_open().filter(owner=person)
