"""What people answer for in changes: those that are open and theirs."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from changes.change.models import Change
from changes.change.workflow import OVER
from itsm.accounts.duties import Duty
from itsm.accounts.models import User


def open_changes_of(person: User) -> list[Duty]:
    """Open changes that they asked for, or carry out."""
    return [
        Duty(
            what=gettext("open change of theirs"),
            reference=one.reference,
            name=one.summary,
            path=one.get_absolute_url(),
            otherwise=gettext("stays open; a change manager cancels it, or somebody asks for it anew"),
        )
        for one in taking_part(person.pk).order_by("pk")
    ]


def taking_part(person: int) -> QuerySet[Change]:
    """Open changes that they asked for, or carry out."""
    theirs = Q(requested_by=person) | Q(author=person) | Q(implementer=person)
    return Change.objects.filter(theirs).exclude(status__in=OVER)
