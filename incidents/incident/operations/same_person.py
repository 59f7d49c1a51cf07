"""Two accounts turn out to be one person: what they reported is theirs under the account that goes on."""

from incidents.incident.models import Incident
from itsm.accounts.models import User
from itsm.kernel.actors import Actor


def count_of_person(person: User) -> int:
    """How many incidents name this person as who is affected, or who reported them."""
    return (Incident.objects.filter(caller=person) | Incident.objects.filter(opened_by=person)).count()


def follow_person(old: User, new: User, actor: Actor) -> int:
    """Name the other account there; who wrote and did what, history goes on saying. Raises nothing."""
    moved = count_of_person(old)
    Incident.objects.filter(caller=old).update(caller=new)
    Incident.objects.filter(opened_by=old).update(opened_by=new)
    return moved
