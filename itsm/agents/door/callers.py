"""Who calls: the agent of a token, the person it acts for, and what the token may do. One statement."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext

from itsm import rows
from itsm.accounts import tokens
from itsm.accounts.models import Token, User
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
    header, read = request.META.get("HTTP_AUTHORIZATION", ""), _Read()
    scheme, _space, text = header.partition(" ")
    if not header:
        raise _not_let_in(gettext("Send the header “Authorization: Bearer …” with a token of a software agent."))
    try:
        if scheme.lower() != "bearer" or len(header) > _LONGEST_HEADER:
            raise tokens.TokenRefused(gettext("Send the header “Authorization: Bearer hr_…”, with the whole token."))
        address = request.META.get("REMOTE_ADDR", "")
        token = tokens.opened(text.strip(), at, address, of_agents=True, found_by=read.token_of)
    except tokens.TokenRefused as error:
        raise _not_let_in(str(error.detail), error.code) from error
    agent, owner = read.agent, read.owner
    if agent is None or owner is None:
        raise _not_let_in(gettext("Nobody answers for this software agent any more."), tokens.TokenRevoked.code)
    token.owner.owner, agent.account = owner, token.owner
    return Caller(agent, owner, frozenset(token.scopes or ()) & frozenset(agent.capabilities))


def _not_let_in(sentence: str, code: str = "") -> ProtocolError:
    place = f"{settings.BASE_URL}/.well-known/oauth-protected-resource/mcp"
    challenge = f'{CHALLENGE}, resource_metadata="{place}"' + (', error="invalid_token"' if code else "")
    data = {"type": f"/problems/{code or 'not-authenticated'}", "resource_metadata": place}
    return ProtocolError(NOT_LET_IN, sentence, data, status=401, headers={"WWW-Authenticate": challenge})


@dataclass(slots=True)
class _Read:
    """What was read with a token: its agent, and the active person who answers for it."""

    agent: Agent | None = None
    owner: User | None = None

    def token_of(self, prefix: str) -> tuple[Token | None, bool]:
        """The token with its account, and whether tokens are withheld."""
        with connection.cursor() as cursor:
            _token_of_agent().run(cursor, {"prefix": prefix})
            found = cursor.fetchone()
        if found is None:
            return None, False
        *parts, teams, rights, withheld = found
        values = iter(parts)
        token, account, agent, owner = (tuple(islice(values, rows.width(kind))) for kind in (Token, User, Agent, User))
        held = rows.read(Token, token)
        held.owner = rows.read(User, account)
        if agent[0] is not None:
            self.agent = rows.read(Agent, agent)
        if owner[0] is not None:
            self.owner = rows.read(User, owner)
            self.owner.teams_known, self.owner.rights_known = frozenset(teams), frozenset(rights)
        return held, bool(withheld)


@cache
def _token_of_agent() -> Prepared:
    return Prepared(
        "token_of_agent",
        f"SELECT {rows.columns(Token)}, {rows.columns(User, 'account')}, {rows.columns(Agent)},"  # noqa: S608 - no input
        f" {rows.columns(User)}, ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = accounts_user.id),"
        f" {NAMES_OF_ACCOUNT}, {tokens.HELD}"
        " FROM accounts_token JOIN accounts_user account ON account.id = accounts_token.owner_id"
        " LEFT JOIN agents_agent ON agents_agent.account_id = account.id"
        " LEFT JOIN accounts_user ON accounts_user.id = account.owner_id AND accounts_user.is_active"
        " WHERE accounts_token.prefix = %(prefix)s",
    )
