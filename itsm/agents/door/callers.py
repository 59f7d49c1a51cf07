"""Who calls: the agent of a token, the person it acts for, and what the token may do. Two statements."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext

from itsm import rows
from itsm.accounts import tokens
from itsm.accounts.models import User
from itsm.accounts.own_roles import NAMES_OF_ACCOUNT
from itsm.agents.acting import Call, call_of
from itsm.agents.door.errors import NOT_LET_IN, ProtocolError
from itsm.agents.models import Agent
from itsm.api.problems import CHALLENGE
from itsm.prepared import Prepared

_LONGEST_HEADER = 200


@dataclass(frozen=True, slots=True)
class Caller:
    agent: Agent
    owner: User
    capabilities: frozenset[str]

    def call(self, at: datetime, request_id: str) -> Call:
        return call_of(self.agent, self.owner, self.capabilities, at=at, request_id=request_id)


def caller_of(request: HttpRequest, at: datetime) -> Caller:
    """Whose token came with the request. Raises ProtocolError, 401, with where one is got."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _space, text = header.partition(" ")
    if not header:
        raise _not_let_in(gettext("Send the header “Authorization: Bearer …” with a token of a software agent."))
    try:
        if scheme.lower() != "bearer" or len(header) > _LONGEST_HEADER:
            raise tokens.TokenRefused(gettext("Send the header “Authorization: Bearer hr_…”, with the whole token."))
        token = tokens.opened(text.strip(), at, request.META.get("REMOTE_ADDR", ""), of_agents=True)
    except tokens.TokenRefused as error:
        raise _not_let_in(str(error.detail), error.code) from error
    agent, owner = _agent_and_owner(token.owner)
    return Caller(agent, owner, frozenset(token.scopes or ()) & frozenset(agent.capabilities))


def _not_let_in(sentence: str, code: str = "") -> ProtocolError:
    place = f"{settings.BASE_URL}/.well-known/oauth-protected-resource/mcp"
    challenge = f'{CHALLENGE}, resource_metadata="{place}"' + (', error="invalid_token"' if code else "")
    data = {"type": f"/problems/{code or 'not-authenticated'}", "resource_metadata": place}
    return ProtocolError(NOT_LET_IN, sentence, data, status=401, headers={"WWW-Authenticate": challenge})


def _agent_and_owner(account: User) -> tuple[Agent, User]:
    with connection.cursor() as cursor:
        _with_owner().run(cursor, {"account": account.pk})
        found = cursor.fetchone()
    if found is None:
        raise _not_let_in(gettext("Nobody answers for this software agent any more."), tokens.TokenRevoked.code)
    middle = rows.width(Agent)
    agent, owner = rows.read(Agent, found[:middle]), rows.read(User, found[middle:-2])
    owner.teams_known, owner.rights_known = frozenset(found[-2]), frozenset(found[-1])
    account.owner, agent.account = owner, account
    return agent, owner


@cache
def _with_owner() -> Prepared:
    return Prepared(
        "agent_with_owner",
        f"SELECT {rows.columns(Agent)}, {rows.columns(User)},"  # noqa: S608 - no input
        " ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = accounts_user.id),"
        f" {NAMES_OF_ACCOUNT}"
        " FROM agents_agent JOIN accounts_user account ON account.id = agents_agent.account_id"
        " JOIN accounts_user ON accounts_user.id = account.owner_id"
        " WHERE agents_agent.account_id = %(account)s AND accounts_user.is_active",
    )
