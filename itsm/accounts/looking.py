"""Looking at the desk with the rights of others: a role, or what a person's roles, rights, teams and grants show.

Whoever looks stays who they are: what is theirs alone is theirs still, what is hidden from them stays hidden, and what
belongs to the other person alone (what they asked the desk for, follow or were told) is not shown. What waits is the
work of that person (what they have in hand, the changes that they asked for and so carry out, what they are asked to
decide), as far as whoever looks may read it themselves, and of a role nobody's in particular. Nothing is written
meanwhile: doors refuse it (`itsm.ui.looking`), and so does the history. It ends by one click, with the session, or by
itself.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from itsm.accounts.models import OwnRole, User
from itsm.accounts.named_rights import named_rights, rights_held
from itsm.accounts.queues import Known, known_of, rights_in_queues, seen_by_both, with_rights
from itsm.kernel.actors import Actor, Kind, Role

FOR = timedelta(minutes=30)
_KEY = "looks_as"


class Looks(NamedTuple):
    """`what`: `role:agent`, `own:night-desk` or `person:bo`; `label`: whose rights, in words."""

    what: str
    label: str
    until: datetime


def looks_as(request: HttpRequest) -> Looks | None:
    """With whose rights this session looks at the desk now; None where it does not."""
    # What comes without a session is not asked for one.
    said: Any = request.session.get(_KEY) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    if not said:
        return None
    until = datetime.fromtimestamp(said[2], UTC)
    return Looks(said[0], said[1], until) if timezone.now() < until else None


class Held(NamedTuple):
    """`roles`, and what comes with them; `whose`: the account that is looked as, 0 for a role's."""

    roles: frozenset[Role]
    known: Known
    whose: int = 0


def remember(request: HttpRequest, what: str, label: str) -> Looks:
    """From the next request on."""
    until = timezone.now() + FOR
    request.session[_KEY] = [what, label, until.timestamp()]
    return Looks(what, label, until)


def forget(request: HttpRequest) -> None:
    """From the next request on the session is its person's alone."""
    request.session.pop(_KEY, None)


def looking(request: HttpRequest, actor: Actor) -> Actor:
    """The actor of a session: themselves, or with the rights that they look at the desk with."""
    looks = looks_as(request)
    if looks is None:
        return actor
    held = held_by(looks.what)
    if not may_look(actor, held.roles, held.known.rights):
        held = _nothing()
    own = rights_in_queues(actor)
    seen = replace(
        actor, roles=held.roles, rights=held.known.rights, teams=held.known.teams, looks_only=True,
        looks_as=looks.what, waits_as=held.whose, proved_at=None,
    )  # fmt: skip
    return with_rights(seen, seen_by_both(held.known.queues, own))


def may_look(actor: Actor, roles: frozenset[Role], rights: frozenset[str] = frozenset()) -> bool:
    """Administrators may look with anybody's rights; auditors with those of who neither manages nor administers, nor
    borrows anything of them by an own role: they would read what auditors do not."""
    if actor.kind is not Kind.HUMAN:
        return False
    if Role.ADMIN in actor.roles:
        return True
    known = named_rights()
    borrowed = {known[one].lends for one in rights if one in known}
    return Role.AUDITOR in actor.roles and not (roles | borrowed) & {Role.ADMIN, Role.MANAGER}


def held_by(what: str) -> Held:
    """The roles, and what comes with them, of a role or a person as they stand now; nothing where there is none.

    Two queries at most.
    """
    kind, _colon, name = what.partition(":")
    if kind == "role" and name in list(Role):
        roles = frozenset({Role(name)})
        return Held(roles, known_of(0, roles))
    if kind == "own":
        found = OwnRole.objects.standing().filter(slug=name).first()
        roles = frozenset({Role.REQUESTER})
        rights = rights_held(roles, found.rights if found is not None else ())
        return Held(roles, known_of(0, roles, rights))
    person = User.objects.filter(username=name, is_active=True).first() if kind == "person" else None
    if person is None:
        return _nothing()
    roles = frozenset(map(Role, person.roles))
    return Held(roles, known_of(person.pk, roles), person.pk)


def _nothing() -> Held:
    return Held(frozenset(), known_of(0, frozenset()))
