"""Making and editing accounts: people, and the programs that belong to them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import Location, Role, Team, User
from itsm.accounts.operations.addresses import set_primary_address
from itsm.accounts.operations.checks import (
    check_location,
    check_manager,
    check_own_roles,
    check_owner,
    checked,
    known_roles,
    known_zone,
    locked_people,
    people_keep_who_decides,
    people_keepers_only,
    refuse_agents,
    refuse_last_administrator,
    require_unsealed,
    still_keepers_only,
)
from itsm.accounts.operations.teams import remove_member, set_member
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted

Memberships = Mapping[Team, bool]


@transaction.atomic
def add_user(
    *,
    actor: Actor,
    username: str,
    roles: Sequence[str],
    name: str = "",
    email: str = "",
    teams: Sequence[Team] = (),
    leads: Sequence[Team] = (),
    password: str | None = None,
    account_type: str = User.AccountType.HUMAN,
    owner: User | None = None,
    manager: User | None = None,
    location: Location | None = None,
    time_zone: str = "UTC",
    own_roles: Sequence[str] = (),
) -> User:
    """A person (password optional: then they cannot sign in yet) or a service account (never a password).

    `owner`: the person who answers for a service account. `leads`: those of the teams that the person leads.
    Raises NotPermitted, InvalidInput, Conflict (the name or address is taken, a team is retired, somebody left).
    """
    people_keepers_only(actor)
    if account_type == User.AccountType.AGENT:
        said = gettext("A software agent is connected by the person it acts for, on the page of software agents.")
        raise InvalidInput.about("account_type", said)
    people_keep_who_decides(actor, *roles)
    check_own_roles(actor, None, own_roles, roles)
    check_owner(account_type, owner)
    check_manager(account_type, manager)
    check_location(location)
    user = checked(
        User(
            username=User.normalize_username(username),
            name=name,
            email=email,
            roles=known_roles(list(roles)),
            own_roles=sorted(set(own_roles)),
            account_type=account_type,
            owner=owner,
            manager=manager,
            location=location,
            time_zone=known_zone(time_zone),
            password=make_password(password if account_type == User.AccountType.HUMAN else None),
        )
    )
    with _refused_by_the_database(user, gettext("There is already an account called %(username)s.")):
        user.email = ""
        user.save()
    if email:
        set_primary_address(user, email)
    for team in dict.fromkeys([*teams, *leads]):
        set_member(team, user, actor=actor, lead=team in leads)
    changes: dict[str, list[object]] = {
        "roles": [[], user.roles],
        **({"own_roles": [[], user.own_roles]} if user.own_roles else {}),
        "account_type": [None, account_type],
        "owner": [None, owner.username if owner else None],
        "manager": [None, manager.username if manager else None],
        "location": [None, location.slug if location else None],
    }
    return lifecycle.created(user, actor=actor, changes=changes)


def edit_person(
    user: User,
    *,
    actor: Actor,
    version: int | None,
    version_required: bool = True,
    memberships: Memberships | None = None,
    email: str | None = None,
    **fields: Any,
) -> User:
    """Change an account: name, roles, own_roles (slugs), manager, location, time_zone, owner (of a program), teams,
    the primary address.

    `memberships`: team -> whether they lead it; all of them. Raises NotPermitted, InvalidInput, Conflict (the last
    administrator, a circle of managers, a retired team), StaleVersion, VersionRequired.
    """
    people_keepers_only(actor)
    require_unsealed(user, actor)
    if "roles" in fields:
        fields["roles"] = known_roles(list(fields["roles"]))
    if "own_roles" in fields:
        fields["own_roles"] = sorted(set(fields["own_roles"]))
    if "time_zone" in fields:
        known_zone(fields["time_zone"])
    with transaction.atomic():
        held = locked_people(user)
        still_keepers_only(actor, held)
        before = held[user.pk]
        refuse_agents(before)
        people_keep_who_decides(actor, *before.roles, *fields.get("roles", ()))
        _check_fields(before, fields, held)
        if {"roles", "own_roles"} & set(fields):
            own_roles = fields.get("own_roles", before.own_roles)
            check_own_roles(actor, before, own_roles, fields.get("roles", before.roles))
        with (
            _refused_by_the_database(before, gettext("Nobody reports to themselves, directly or through others.")),
            lifecycle.edit(user, actor=actor, version=version, version_required=version_required) as current,
        ):
            for field, value in fields.items():
                setattr(current, field, value)
            moved = memberships is not None and _move(current, memberships, actor)
            if email is not None and email.casefold() != current.email.casefold():
                set_primary_address(current, email)
                moved = True
            if moved:
                current.version += 1  # teams and address are part of what a reader's ETag stands for
                current.save(update_fields=["version"])
        current.refresh_from_db()
    return current


def _check_fields(before: User, fields: Mapping[str, Any], held: Mapping[int, User]) -> None:
    if "roles" in fields and Role.ADMIN not in fields["roles"]:
        refuse_last_administrator(before, held)
    if "owner" in fields:
        check_owner(before.account_type, fields["owner"])
    if "manager" in fields and fields["manager"] != before.manager:
        check_manager(before.account_type, fields["manager"])
    if fields.get("location") is not None and fields["location"].pk != before.location_id:
        check_location(fields["location"])


def _move(user: User, wanted: Memberships, actor: Actor) -> bool:
    """Make the teams what is wanted. Whether anything changed."""
    before = {one.team: one.lead for one in user.memberships.select_related("team")}
    for team in sorted(set(before) - set(wanted), key=lambda one: one.pk):
        remove_member(team, user, actor=actor)
    for team in sorted(wanted, key=lambda one: one.pk):
        if before.get(team) != wanted[team]:
            set_member(team, user, actor=actor, lead=wanted[team])
    return before != dict(wanted)


@contextmanager
def _refused_by_the_database(user: User, sentence: str) -> Iterator[None]:
    """Its own refusals (a name that is taken, a circle) in words; the caller's transaction goes on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Conflict(sentence % {"username": user.username}) from error


@transaction.atomic
def edit_profile(user: User, *, actor: Actor, name: str, time_zone: str, language: str | None = None) -> User:
    """One's own name, time zone and language ("": as the desk; None: as it is).

    Raises NotPermitted for others, InvalidInput for a zone or language that is unknown.
    """
    if actor.id != user.pk:
        raise NotPermitted(
            gettext("%(actor_name)s may not edit the profile of %(user)s.") % {"actor_name": actor.name, "user": user}
        )
    known_zone(time_zone)
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    language = current.language if language is None else language
    if language and language not in dict(settings.LANGUAGES):
        raise InvalidInput.about("language", gettext("This desk does not speak that language."))
    pairs = {
        "name": [current.name, name],
        "time_zone": [current.time_zone, time_zone],
        "language": [current.language, language],
    }
    changes = {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
    if changes:
        current.name, current.time_zone, current.version = name, time_zone, current.version + 1
        current.language = language
        current.save(update_fields=["name", "time_zone", "language", "version"])
        lifecycle.announce(current, "edited", actor=actor, changes=changes)
    return current
