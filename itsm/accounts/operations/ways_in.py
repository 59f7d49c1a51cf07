"""Tokens and sessions: made, listed and ended by whose they are, and by administrators."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import other_ways, permissions, scopes, tokens
from itsm.accounts.models import ResetRequest, Session, Token, User
from itsm.accounts.operations.checks import refuse_agents, require_active
from itsm.accounts.operations.known_places import forget_old
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank


@transaction.atomic
def issue_token(
    owner: User,
    *,
    actor: Actor,
    name: str,
    allowed: Sequence[str] | None = None,
    lifetime: timedelta = tokens.LIFETIME,
) -> tuple[Token, str]:
    """A new token and its text, which is shown this once. No scopes: the owner's rights.

    Nobody gets one of another person: it would answer in their name. The operator's own commands may.
    The owner is held as they stand: a deactivation that comes after revokes this one too, one before refuses it.
    Raises NotPermitted, Conflict (not active, a software agent), InvalidInput.
    """
    theirs = owner.is_human and actor.id != owner.pk and not actor.is_system
    if theirs or not permissions.may_issue_token_for(actor, owner.pk):
        raise NotPermitted(
            gettext("%(actor_name)s may not issue tokens for %(owner)s.") % {"actor_name": actor.name, "owner": owner}
        )
    refuse_agents(owner)
    require_active(owner)
    if is_blank(name) or len(name.strip()) > 100:
        raise InvalidInput.about("name", gettext("A token's name has 1 to 100 characters."))
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
    """It opens nothing from now on. Repeatable. Raises NotPermitted."""
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


@transaction.atomic
def end_sessions(user: User, *, actor: Actor, only: str | None = None, but: str | None = None) -> int:
    """End sessions of a person: all, the one whose reference is `only`, or all `but` the one with this hash.

    Returns how many ended. Raises NotPermitted for everybody but the person and administrators.
    """
    if not permissions.may_issue_token_for(actor, user.pk):
        raise NotPermitted(
            gettext("%(actor_name)s may not end sessions of %(user)s.") % {"actor_name": actor.name, "user": user}
        )
    rows = Session.objects.filter(user=user)
    if only is not None:
        rows = rows.filter(key_hash__startswith=only)
    if but is not None:
        rows = rows.exclude(key_hash=but)
    ended, _by_model = rows.delete()
    if ended:
        lifecycle.announce(user, "sessions_ended", actor=actor, changes={"sessions": [ended, 0]})
    return ended


@transaction.atomic
def end_sessions_by(by: str, *, actor: Actor) -> int:
    """End every session that came in by this door, such as "provider:<slug>". Returns how many. Raises NotPermitted."""
    if not (actor.is_system or (actor.is_human and permissions.people_keepers(actor))):
        raise NotPermitted(gettext("Administrators, people, end the sessions of a provider."))
    rows = Session.objects.filter(by=by, user__isnull=False)
    people = User.objects.filter(pk__in=rows.values("user"))
    for user in people:
        lifecycle.announce(user, "sessions_ended", actor=actor, changes={"by": [other_ways.name_of(by), None]})
    ended, _by_model = rows.delete()
    return ended


def forget_ended() -> int:
    """Drop expired sessions, and what counted against asking for a new password. Returns how many rows went."""
    now = timezone.now()
    sessions, _by_model = Session.objects.filter(expires_at__lt=now).delete()
    requests, _by_model = ResetRequest.objects.filter(asked_at__lt=now - timedelta(days=1)).delete()
    return sessions + requests + forget_old(now)
