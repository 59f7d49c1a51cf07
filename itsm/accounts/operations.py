"""Every write to accounts, teams and tokens; each is audited in its own transaction."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar
from zoneinfo import available_timezones

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts import permissions, scopes, tokens
from itsm.accounts.models import Membership, Role, Team, Token, User
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.lifecycle import require_readable

RecordT = TypeVar("RecordT", Team, User)


def _administrators_only(actor: Actor) -> None:
    if not permissions.administrators(actor):
        raise NotPermitted(gettext("%(actor_name)s may not manage accounts.") % {"actor_name": actor.name})


def _checked(record: RecordT) -> RecordT:
    try:
        record.clean_fields()
    except ValidationError as error:
        words = "; ".join(f"{field}: {' '.join(said)}" for field, said in error.message_dict.items())
        raise InvalidInput(words, error.message_dict) from error
    require_readable(record)
    return record


@transaction.atomic
def add_team(*, actor: Actor, slug: str, name: str) -> Team:
    _administrators_only(actor)
    team = _checked(Team(slug=slug, name=name))
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise Conflict(gettext("There is already a team called %(slug)s.") % {"slug": slug}) from error
    record_event("team.created", team, actor=actor)
    return team


@transaction.atomic
def add_user(
    *,
    actor: Actor,
    username: str,
    roles: Sequence[str],
    name: str = "",
    email: str = "",
    teams: Sequence[Team] = (),
    password: str | None = None,
    account_type: str = User.AccountType.HUMAN,
    owner: User | None = None,
) -> User:
    """A person (password optional: then they cannot sign in yet) or a service account (never a password).

    `owner`: the person who answers for a service account. Raises NotPermitted, InvalidInput, Conflict.
    """
    _administrators_only(actor)
    _check_owner(account_type, owner)
    unknown = sorted(set(roles) - set(Role.values))
    if unknown:
        raise InvalidInput(
            gettext("Unknown role %(unknown)s; known are %(values)s.")
            % {"unknown": ", ".join(unknown), "values": ", ".join(Role.values)}
        )
    user = _checked(
        User(
            username=User.normalize_username(username),
            name=name,
            email=email,
            roles=sorted(set(roles)),
            account_type=account_type,
            owner=owner,
            password=make_password(password if account_type == User.AccountType.HUMAN else None),
        )
    )
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Conflict(gettext("There is already an account called %(username)s.") % {"username": username}) from error
    Membership.objects.bulk_create(Membership(user=user, team=team) for team in teams)
    changes: dict[str, list[object]] = {
        "roles": [[], user.roles],
        "account_type": [None, account_type],
        "owner": [None, owner.username if owner else None],
    }
    record_event("user.created", user, actor=actor, changes=changes)
    return user


def _check_owner(account_type: str, owner: User | None) -> None:
    if account_type == User.AccountType.HUMAN:
        if owner is not None:
            raise InvalidInput(gettext("Only service accounts have an owner."), {"owner": ["only service accounts"]})
    elif owner is None or not owner.is_human or not owner.is_active:
        raise InvalidInput(
            gettext("A service account needs an owner: an active person who answers for what it does."),
            {"owner": ["an active person"]},
        )


@transaction.atomic
def edit_profile(user: User, *, actor: Actor, name: str, time_zone: str) -> User:
    """One's own name and time zone."""
    if actor.id != user.pk:
        raise NotPermitted(
            gettext("%(actor_name)s may not edit the profile of %(user)s.") % {"actor_name": actor.name, "user": user}
        )
    if time_zone not in available_timezones():
        raise InvalidInput(
            gettext("There is no time zone %(time_zone)s.") % {"time_zone": time_zone[:64]}, {"time_zone": ["unknown"]}
        )
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    pairs = {"name": [current.name, name], "time_zone": [current.time_zone, time_zone]}
    changes = {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
    if changes:
        current.name, current.time_zone, current.version = name, time_zone, current.version + 1
        current.save(update_fields=["name", "time_zone", "version"])
        record_event("user.edited", current, actor=actor, changes=changes)
    return current


@transaction.atomic
def issue_token(
    owner: User,
    *,
    actor: Actor,
    name: str,
    allowed: Sequence[str] | None = None,
    lifetime: timedelta = tokens.LIFETIME,
) -> tuple[Token, str]:
    """A new token and its text, which is shown this once. No scopes: the owner's rights."""
    if not permissions.may_issue_token_for(actor, owner.pk):
        raise NotPermitted(
            gettext("%(actor_name)s may not issue tokens for %(owner)s.") % {"actor_name": actor.name, "owner": owner}
        )
    if not owner.is_active:
        raise Conflict(gettext("%(owner_username)s is not active.") % {"owner_username": owner.username})
    if is_blank(name) or len(name.strip()) > 100:
        raise InvalidInput(gettext("A token's name has 1 to 100 characters."), {"name": ["1 to 100 characters"]})
    prefix, secret, secret_hash = tokens.fresh()
    token = Token.objects.create(
        prefix=prefix,
        secret_hash=secret_hash,
        owner=owner,
        name=name,
        scopes=None if allowed is None else scopes.checked(list(allowed), owner),
        expires_at=timezone.now() + lifetime,
    )
    record_event(
        "token.issued", token, actor=actor, changes={"owner": [None, owner.username], "scopes": [None, token.scopes]}
    )
    return token, f"hr_{prefix}.{secret}"


@transaction.atomic
def revoke_token(token: Token, *, actor: Actor) -> Token:
    if not permissions.may_issue_token_for(actor, token.owner_id):
        raise NotPermitted(
            gettext("%(actor_name)s may not revoke %(token_reference)s.")
            % {"actor_name": actor.name, "token_reference": token.reference}
        )
    token = Token.objects.select_for_update(no_key=True).get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record_event("token.revoked", token, actor=actor)
    return token
