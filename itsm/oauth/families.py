"""What follows from a consent: tokens in pairs, and their end."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from itsm.accounts.models import Token
from itsm.agents.models import Agent
from itsm.agents.operations import checks, tokens
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.oauth.models import OAuthCode, OAuthGrant, OAuthRefresh
from itsm.oauth.naming import quoted_name
from itsm.oauth.vocabulary import Ending

ACCESS_FOR = timedelta(hours=1)
REFRESH_FOR = timedelta(days=14)  # a client that was away longer asks its person again
FAMILY_FOR = timedelta(days=90)
OAUTH = Actor.system("OAuth")


def hashed(text: str) -> str:
    """Codes and refresh tokens as they are kept: a hash that is keyed with SECRET_KEY."""
    return salted_hmac("itsm.oauth", text, algorithm="sha256").hexdigest()


def begin(code: OAuthCode, at: datetime) -> OAuthGrant:
    """The family of a code that was used just now; the caller holds the code.

    Raises Conflict where the agent was stopped or ended since.
    """
    agent = checks.held(code.agent)
    checks.still_there(agent)
    if agent.is_stopped:
        raise Conflict(gettext("%(agent)s is stopped; resume it first.") % {"agent": agent.reference})
    grant = OAuthGrant.objects.create(
        client=code.client, agent=code.agent, capabilities=code.capabilities, resource=code.resource, granted_at=at,
        expires_at=at + FAMILY_FOR,
    )  # fmt: skip
    code.grant = grant
    code.save(update_fields=["grant"])
    changes: dict[str, list[object]] = {
        "client": [None, code.client.client_id],
        "capabilities": [[], code.capabilities],
    }
    record_event("oauth_grant.begun", grant, actor=OAUTH, changes=changes)
    return grant


def pair(grant: OAuthGrant, refresh_text: str, at: datetime) -> str:
    """An access token for an hour, and a refresh token of this text beside it. Returns the text of the first.

    The caller holds the grant. Raises Conflict where the agent was stopped or ended, or its owner has left.
    """
    agent = checks.held(grant.agent)
    allowed = [one for one in grant.capabilities if one in agent.capabilities]
    access, text = tokens.made(
        agent, allowed, actor=OAUTH, name=f"OAuth: {quoted_name(grant.client.name)}", good_for=ACCESS_FOR, at=at
    )
    OAuthRefresh.objects.create(
        token_hash=hashed(refresh_text), grant=grant, access=access, made_at=at,
        expires_at=min(at + REFRESH_FOR, grant.expires_at),
    )  # fmt: skip
    return text


def end(grant: OAuthGrant, because: Ending, at: datetime, *, actor: Actor = OAUTH) -> None:
    """The family is over: none of its tokens opens anything. Repeatable. The caller holds the grant."""
    if grant.ended_at is None:
        grant.ended_at, grant.ended_because = at, because.value
        grant.save(update_fields=["ended_at", "ended_because"])
        record_event("oauth_grant.ended", grant, actor=actor, changes={"because": [None, because.value]})
    given = OAuthRefresh.objects.filter(grant=grant).values("access")
    Token.objects.filter(pk__in=given, revoked_at=None).update(revoked_at=at)


def end_all_of(agent: Agent, at: datetime) -> None:
    """Told by `itsm.agents` in the transaction that stops or ends an agent, and holds it."""
    for grant in OAuthGrant.objects.select_for_update(no_key=True).filter(agent=agent, ended_at=None).order_by("pk"):
        end(grant, Ending.STOPPED, at)


def end_what_holds(agent: Agent, capabilities: Collection[str], at: datetime) -> None:
    """Of what was given when the agent had more: whatever holds one of these that it has not now, ends before it is
    given them again. The caller holds the agent."""
    anew = sorted({*capabilities} - {*agent.capabilities})
    if not anew:
        return
    rows = OAuthGrant.objects.select_for_update(no_key=True).filter(agent=agent, ended_at=None)
    for grant in rows.filter(capabilities__overlap=anew).order_by("pk"):
        end(grant, Ending.TAKEN, at)
    Token.objects.filter(owner=agent.account_id, revoked_at=None, scopes__overlap=anew).update(revoked_at=at)


def end_with(token: Token, at: datetime) -> None:
    """Told by `itsm.agents` as a person takes away an access token: its family goes with it."""
    given = OAuthRefresh.objects.filter(access=token).first()
    if given is not None:
        end(held(given.grant_id), Ending.TAKEN, at)


def held(grant_id: int) -> OAuthGrant:
    """The grant as it stands now, locked after its agent, as who stops that does: of two who bring the same refresh
    token one is first."""
    checks.held(OAuthGrant.objects.select_related("agent").get(pk=grant_id).agent)
    return (
        OAuthGrant.objects.select_for_update(of=("self",), no_key=True)
        .select_related("agent", "client")
        .get(pk=grant_id)
    )
