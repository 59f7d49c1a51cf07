"""What several operations on accounts look at first, and the locks that they take: people by id, then teams."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext

from itsm.accounts import permissions
from itsm.accounts.models import EmailAddress, Location, OwnRole, Role, Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.lifecycle import require_readable

RecordT = TypeVar("RecordT", Team, User, EmailAddress, Location)


def people_keepers_only(actor: Actor) -> None:
    """Raise NotPermitted for everybody but administrators and commands of the operator."""
    if not permissions.people_keepers(actor):
        raise NotPermitted(gettext("%(actor_name)s may not manage accounts.") % {"actor_name": actor.name})


# Who holds one of these decides for others or lets others decide.
DECIDING = frozenset({Role.APPROVER.value, Role.MANAGER.value, Role.OWNER.value, Role.ADMIN.value})


def people_keep_who_decides(actor: Actor, *roles: str) -> None:
    """Raise NotPermitted for a program that keeps an account with a role that decides: it could become a person."""
    deciding = sorted(DECIDING & set(roles))
    if deciding and not (actor.is_human or actor.is_system):
        raise NotPermitted(
            gettext("Programs do not keep accounts of those who decide (%(roles)s); an administrator in person does.")
            % {"roles": ", ".join(deciding)}
        )


_sealed: list[Callable[[int], bool]] = []


def sealed_by(is_sealed: Callable[[int], bool]) -> None:
    """Say which accounts are sealed: nobody inside the desk changes or ends them. Called once, at start."""
    _sealed.append(is_sealed)


def require_unsealed(user: User, actor: Actor) -> None:
    """Raise NotPermitted for a sealed account, whoever asks in the desk: a new password, another address or its end by
    one administrator would take away the way in for when nobody else can come in."""
    if not actor.is_system and any(is_sealed(user.pk) for is_sealed in _sealed):
        raise NotPermitted(
            gettext(
                "%(user)s is a sealed administrator: only who operates the server renews or ends it, by "
                "./manage.py break_glass."
            )
            % {"user": user.username}
        )


def checked(record: RecordT) -> RecordT:
    """The record, cleaned field by field; InvalidInput with everything that is wrong with it."""
    try:
        record.clean_fields()
    except ValidationError as error:
        words = "; ".join(f"{field}: {' '.join(said)}" for field, said in error.message_dict.items())
        raise InvalidInput(words, error.message_dict) from error
    require_readable(record)
    return record


def refuse_agents(account: User) -> None:
    """Raise Conflict for a software agent: it holds nothing of its own, and acts for nobody but who connected it."""
    if account.account_type == User.AccountType.AGENT:
        said = gettext("%(user)s is a software agent: its owner says on its page what it may do, and ends it there.")
        raise Conflict(said % {"user": account.username})


def known_roles(roles: list[str]) -> list[str]:
    """The roles once each; InvalidInput naming what is none."""
    unknown = sorted(set(roles) - set(Role.values))
    if unknown:
        raise InvalidInput.about(
            "roles",
            gettext("There is no role called %(unknown)s; there are %(values)s.")
            % {"unknown": ", ".join(unknown), "values": ", ".join(Role.values)},
        )
    return sorted(set(roles))


def locked_people(*users: User | None, around: User | None = None) -> dict[int, User]:
    """These accounts, every active administrator and, of `around`, programs and reports, as they stand, by id.

    One statement locks them in one order, so that two of the larger operations never wait for one another in a circle.
    Rows that merely refer to an account (a note, an answer) can still be written meanwhile.
    """
    wanted = Q(pk__in=[user.pk for user in users if user is not None]) | _administrators()
    if around is not None:
        wanted |= Q(pk=around.pk) | Q(owner=around.pk) | Q(manager=around.pk)
    rows = User.objects.select_for_update(no_key=True).filter(wanted).order_by("pk")
    return {one.pk: one for one in rows}


def still_keepers_only(actor: Actor, held: Mapping[int, User]) -> None:
    """Raise NotPermitted for an administrator who is none any more: sent away while this began, and waited.

    `held`: what `locked_people` gave.
    """
    if actor.id is None or not actor.is_human:
        return
    now = held.get(actor.id)
    if now is None or not now.is_active or Role.ADMIN not in now.roles:
        raise NotPermitted(gettext("%(actor_name)s may no longer manage accounts.") % {"actor_name": actor.name})


def _administrators() -> Q:
    return Q(is_active=True, account_type=User.AccountType.HUMAN, roles__contains=[Role.ADMIN])


def refuse_last_administrator(user: User, held: Mapping[int, User]) -> None:
    """Raise Conflict where nobody else could manage accounts. `held`: all administrators, locked: two cannot leave
    at once."""
    others = (one for one in held.values() if one.is_active and one.is_human and Role.ADMIN in one.roles)
    if Role.ADMIN in user.roles and user.is_human and user.is_active and all(one.pk == user.pk for one in others):
        raise Conflict(
            gettext("%(user)s is the only administrator; make somebody else one first.") % {"user": user.username}
        )


def require_active(person: User | None) -> None:
    """Raise Conflict for an account that is not active, and hold it, so that it is not deactivated meanwhile."""
    if person is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_active FROM accounts_user WHERE id = %s FOR SHARE", [person.pk])
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise Conflict(gettext("%(person)s is not active.") % {"person": person.username})


def check_owner(account_type: str, owner: User | None) -> None:
    """Raise InvalidInput unless a program has an active person as its owner, and a person none; holds the owner."""
    if account_type == User.AccountType.HUMAN:
        if owner is not None:
            raise InvalidInput.about("owner", gettext("Only programs have an owner."))
        return
    if owner is None or not owner.is_human or not owner.is_active:
        raise InvalidInput.about(
            "owner", gettext("A service account needs an owner: an active person who answers for what it does.")
        )
    require_active(owner)


def check_manager(account_type: str, manager: User | None) -> None:
    """Raise InvalidInput unless a manager is an active person, and of a person. Circles: the database says."""
    if manager is None:
        return
    if account_type != User.AccountType.HUMAN:
        raise InvalidInput.about("manager", gettext("A service account has an owner, not a manager."))
    if not manager.is_human:
        raise InvalidInput.about("manager", gettext("A manager is a person."))
    require_active(manager)


def require_standing(team: Team | None) -> None:
    """Raise Conflict for a retired team, and hold the team, so that it is not retired meanwhile."""
    if team is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT retired_at IS NULL FROM accounts_team WHERE id = %s FOR SHARE", [team.pk])
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise Conflict(
            gettext("The team %(team)s is retired: it takes no new members and nothing new to look after.")
            % {"team": team.slug}
        )


@cache
def _time_zones() -> frozenset[str]:
    """Read from the disk once: an import of many people asks for each."""
    return frozenset(available_timezones())


def known_zone(time_zone: str) -> str:
    """The zone, or InvalidInput where there is none of this name."""
    if time_zone not in _time_zones():
        raise InvalidInput.about(
            "time_zone", gettext("There is no time zone %(time_zone)s.") % {"time_zone": time_zone[:64]}
        )
    return time_zone


def check_location(location: Location | None) -> None:
    """InvalidInput for a retired place: it takes nobody new."""
    if location is not None and location.retired_at is not None:
        raise InvalidInput.about("location", gettext("%(place)s is retired.") % {"place": location})


def check_own_roles(actor: Actor, user: User | None, own_roles: Sequence[str], roles: Collection[str]) -> None:
    """Whether this account may hold these own roles beside its built-in ones; what it had it may keep.

    Raises NotPermitted for programs that give some, and for whoever gives one to themselves or to a program of theirs;
    InvalidInput for what is none, for a retired one, and where who only reads would get rights.
    """
    given = sorted(set(own_roles) - set(user.own_roles if user is not None else ()))
    if own_roles and set(roles) == {Role.AUDITOR}:
        raise InvalidInput.about(
            "own_roles", gettext("Who is an auditor and nothing else reads only: own roles give them nothing.")
        )
    if not given:
        return
    if not (actor.is_human or actor.is_system):
        raise NotPermitted(gettext("Programs give nobody a role of your own; an administrator in person does."))
    if user is not None and actor.person_id is not None and actor.person_id in (user.pk, user.owner_id):
        raise NotPermitted(gettext("Nobody gives a role to themselves: another administrator does."))
    known = OwnRole.objects.standing().filter(slug__in=given).select_for_update(no_key=True).order_by("pk")
    if unknown := sorted(set(given) - {one.slug for one in known}):
        raise InvalidInput.about(
            "own_roles", gettext("There is no own role called %(unknown)s.") % {"unknown": ", ".join(unknown)[:200]}
        )
