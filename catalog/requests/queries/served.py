"""For whom somebody may ask, and what a form may begin with of them."""

from catalog.requests import permissions
from itsm.accounts.models import User
from itsm.fields.form.answering import Person
from itsm.kernel.actors import Actor


def may_ask_for(actor: Actor, person: User) -> bool:
    """Oneself; anybody, for who fulfils requests; a manager those who report to them."""
    if actor.id == person.pk or permissions.fulfillers(actor):
        return True
    return actor.is_human and actor.id is not None and person.manager_id == actor.id


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
