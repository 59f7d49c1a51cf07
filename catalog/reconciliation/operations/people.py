"""Teams and people that a file names: teams as teams, people only by name, so that nobody can sign in by an import."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext

from catalog.formats.documents import Read
from catalog.reconciliation.vocabulary import Outcome
from itsm import lifecycle
from itsm.accounts.models import Membership, User
from itsm.accounts.models import Team as OurTeam
from itsm.accounts.operations import add_team, add_user, set_member
from itsm.accounts.permissions import people_keepers
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError

TEAM, PERSON = "team", "person"


class Taken(NamedTuple):
    """What became of a team or a person."""

    outcome: Outcome
    reason: str = ""


def staged_teams_and_people(read: Read) -> list[tuple[str, dict[str, Any]]]:
    """(its name, the document as a run keeps it), teams first: people join them."""
    slugs = {one.key: one.slug for one in read.teams}
    members = {one.key: set(one.members) for one in read.teams}
    made: list[tuple[str, dict[str, Any]]] = [
        (one.key, {TEAM: {"slug": one.slug, "name": one.name}}) for one in read.teams
    ]
    for one in read.people:
        teams = sorted({slugs[key] for key in slugs if key in one.teams or one.key in members[key]})
        made.append((one.key, {PERSON: {"login": one.login, "name": one.name, "email": one.email, "teams": teams}}))
    return made


def is_one(document: Mapping[str, Any] | None) -> bool:
    """Whether this document of a run is a team or a person."""
    return bool(document) and not {TEAM, PERSON}.isdisjoint(document or {})


def take(document: Mapping[str, Any], actor: Actor) -> Taken:
    """Add the team or the person, unless they are there: what is there stays as it is. Raises nothing: says so."""
    try:
        return _team(document[TEAM], actor) if TEAM in document else _person(document[PERSON], actor)
    except DomainError as error:
        return Taken(Outcome.REFUSED, str(error))


def _team(says: Mapping[str, Any], actor: Actor) -> Taken:
    if OurTeam.objects.filter(slug=says["slug"]).exists():
        return Taken(Outcome.UNCHANGED)
    if not people_keepers(actor):
        return Taken(Outcome.REFUSED, gettext("There is no such team, and only an administrator adds one."))
    add_team(actor=actor, slug=says["slug"], name=says["name"][:100])
    return Taken(Outcome.CREATED)


def _person(says: Mapping[str, Any], actor: Actor) -> Taken:
    """Without password, role and a way to sign in; who has an account of this name keeps it untouched."""
    there = User.objects.filter(username__iexact=says["login"]).first()
    if there is not None:
        return Taken(Outcome.UNCHANGED)
    if not people_keepers(actor):
        return Taken(Outcome.REFUSED, gettext("There is no such person, and only an administrator adds one."))
    person = add_user(actor=actor, username=says["login"], name=says["name"], roles=[])
    for team in OurTeam.objects.standing().filter(slug__in=says["teams"]):
        if not Membership.objects.filter(team=team, user=person).exists():
            set_member(team, person, actor=actor)
    with lifecycle.edit(person, actor=actor, version=None, version_required=False) as current:
        current.is_active = False
    return Taken(Outcome.CREATED)
