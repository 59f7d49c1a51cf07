"""Two accounts turn out to be one person: what was asked for by and for them is theirs under the one that goes on."""

from django.db.models import Q

from catalog.requests.models import Request
from itsm.accounts.models import User
from itsm.kernel.actors import Actor


def count_of_person(person: User) -> int:
    """How many requests this person made, or is served by."""
    return Request.objects.filter(Q(by=person) | Q(requested_for=person)).count()


def follow_person(old: User, new: User, actor: Actor) -> int:
    """Name the other account there; history goes on naming who asked. Raises nothing."""
    moved = count_of_person(old)
    Request.objects.filter(by=old).update(by=new)
    Request.objects.filter(requested_for=old).update(requested_for=new)
    return moved
