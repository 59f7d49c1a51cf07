"""For whom somebody may ask, and what a form may begin with of them."""

from django.db.models import Q

from catalog.requests import permissions
from itsm.accounts.models import User
from itsm.fields.form.answering import Person
from itsm.kernel.actors import Actor

_SHORTEST = 2  # signs, of who may ask for anybody


def may_ask_for(actor: Actor, person: User) -> bool:
    """Oneself; anybody, for who fulfils requests; a manager those who report to them."""
    if actor.id == person.pk or permissions.fulfillers(actor):
        return True
    return actor.is_human and actor.id is not None and person.manager_id == actor.id


def servable(actor: Actor, text: str, most: int = 8) -> list[User]:
    """People of this name, login or address whom the actor may ask for, but themselves; of a manager all who report to
    them without a word. One query.
    """
    people = User.objects.active_people().exclude(pk=actor.id or 0)
    if not permissions.fulfillers(actor):
        people = people.filter(manager=actor.id) if actor.is_human and actor.id is not None else people.none()
    elif len(text.strip()) < _SHORTEST:
        return []
    for word in text.replace("\0", "").split()[:4]:
        people = people.filter(Q(name__icontains=word) | Q(username__icontains=word) | Q(email__icontains=word))
    return list(people.select_related("location").order_by("name", "username")[:most])


def person_of(person: User) -> Person:
    """What a form may begin with, as texts. One query for the team."""
    team = person.teams.filter(retired_at=None).order_by("name").first()
    location = getattr(person, "location", None)
    return Person(
        name=str(person),
        email=person.email or "",
        team=team.slug if team is not None else "",
        location=str(location) if location is not None else "",
        manager=person.manager.username if person.manager is not None else "",
    )
