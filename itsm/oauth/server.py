"""The authorization server: Authlib's grants and checks, over tables that keep hashes.

Public clients with PKCE (S256) alone, codes that are good once for a minute, refresh tokens that rotate, and a family
that ends where one comes a second time. Source: OAuth 2.1 draft, RFC 7636, 8252, 8707, 9207, 9700.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authlib.integrations.django_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Payload,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils import timezone
from django.utils.crypto import get_random_string

from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.kernel.errors import DomainError
from itsm.notifications.web_addresses import our_address
from itsm.oauth import families
from itsm.oauth.models import OAuthClient, OAuthCode, OAuthGrant, OAuthRefresh
from itsm.oauth.vocabulary import Ending

CODE_FOR = timedelta(seconds=60)
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# Asked for by clients that want to go on without their person; whoever consents gives it anyway.
_PASSED_OVER = frozenset({"offline_access"})


def resource() -> str:
    """What tokens are for: the agents' door of this instance, and nothing else."""
    return our_address("/mcp")


class InvalidTargetError(OAuth2Error):
    """RFC 8707: for somebody else."""

    error = "invalid_target"
    description = "Tokens of this desk are for its agents door alone."


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's yes: for which agent, to what."""

    agent: Agent
    capabilities: Sequence[str]


class Payload(OAuth2Payload):
    """Parameters of one place, each said once: the address of an authorization, the body of everything else."""

    def __init__(self, given: QueryDict) -> None:
        self.given = given

    @property
    def data(self) -> Mapping[str, str]:
        return self.given.dict()  # type: ignore[return-value]

    @property
    def datalist(self) -> Mapping[str, Sequence[str]]:
        return {name: self.given.getlist(name) for name in self.given}

    @property
    def scope(self) -> str:
        return " ".join(one for one in self.given.get("scope", "").split() if one not in _PASSED_OVER)


class Request(OAuth2Request):
    """A request as Authlib reads it. Whether it came by https is the settings' business: SECURE_SSL_REDIRECT."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(
            request.method or "", f"https{our_address(request.path).removeprefix('http').removeprefix('s')}"
        )
        self.headers = request.headers
        self.payload = Payload(request.GET if request.path.endswith("/authorize") else request.POST)

    @property
    def args(self) -> QueryDict:
        return self.payload.given

    @property
    def form(self) -> QueryDict:
        return self.payload.given


class Server(AuthorizationServer):
    def query_client(self, client_id: str) -> OAuthClient | None:
        return OAuthClient.objects.filter(client_id=client_id.replace("\0", "")).first()

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        """They were kept as they were made: only hashes are."""

    def create_oauth2_request(self, request: HttpRequest) -> Request:
        return request if isinstance(request, Request) else Request(request)

    def handle_response(self, status: int, payload: Any, headers: Sequence[tuple[str, str]]) -> HttpResponse:
        answer = (
            JsonResponse(payload, status=status) if isinstance(payload, dict) else HttpResponse(payload, status=status)
        )
        for name, value in [*headers, *_NO_STORE.items()]:
            answer[name] = value
        return answer

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: history is written where things are done."""


class S256(CodeChallenge):
    """A challenge is always said, and hashed."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        said = grant.request.payload.data
        if not said.get("code_challenge") or said.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send a code_challenge with code_challenge_method S256.")
        if len(said["code_challenge"]) > 128:
            raise InvalidRequestError("Invalid 'code_challenge'")
        super().validate_code_challenge(grant, redirect_uri)


class Audience:
    """RFC 8707: whoever names a resource names ours."""

    def __call__(self, grant: Any) -> None:
        grant.register_hook("after_validate_authorization_request_payload", self.check)
        grant.register_hook("after_validate_token_request", self.check)

    def check(self, grant: Any, _result: Any = None) -> None:
        said = grant.request.payload.given.getlist("resource")
        if any(one.rstrip("/") != resource() for one in said):
            raise InvalidTargetError()


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def generate_authorization_code(self) -> str:
        return get_random_string(48)

    def save_authorization_code(self, code: str, request: Any) -> None:
        consent, at, said = request.user, timezone.now(), request.payload.data
        OAuthCode.objects.create(
            code_hash=families.hashed(code), client=request.client, agent=consent.agent,
            capabilities=list(consent.capabilities), redirect_uri=said["redirect_uri"],
            code_challenge=said["code_challenge"], resource=resource(), made_at=at, expires_at=at + CODE_FOR,
        )  # fmt: skip

    def query_authorization_code(self, code: str, client: OAuthClient) -> OAuthCode | None:
        """Used up by being brought, whatever else is wrong; brought a second time, it ends what came of it."""
        at = timezone.now()
        rows = OAuthCode.objects.select_for_update(of=("self",), no_key=True).select_related("client", "agent")
        found = rows.filter(code_hash=families.hashed(code), client=client).first()
        if found is None:
            return None
        if found.used_at is not None:
            if found.grant_id is not None:
                families.end(families.held(found.grant_id), Ending.REUSE, at)
            return None
        found.used_at = at
        found.save(update_fields=["used_at"])
        return found if at < found.expires_at else None

    def delete_authorization_code(self, authorization_code: OAuthCode) -> None:
        """It stays, as used: so that a second use is seen."""

    def authenticate_user(self, authorization_code: OAuthCode) -> OAuthGrant:
        try:
            return families.begin(authorization_code, timezone.now())
        except DomainError as error:
            raise InvalidGrantError("The agent was stopped or ended.") from error


class RefreshGrant(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> OAuthRefresh | None:
        """Of this client, alive, and brought for the first time; a second time ends the family."""
        at = timezone.now()
        known = OAuthRefresh.objects.filter(token_hash=families.hashed(refresh_token)).first()
        if known is None:
            return None
        grant = families.held(known.grant_id)
        known.refresh_from_db()
        known.grant = grant
        if known.used_at is not None:
            families.end(grant, Ending.REUSE, at)
            return None
        return known if grant.is_alive(at) and at < known.expires_at else None

    def validate_token_request(self) -> None:
        super().validate_token_request()
        Audience().check(self)

    def authenticate_user(self, refresh_token: OAuthRefresh) -> OAuthGrant:
        return refresh_token.grant

    def issue_token(self, user: OAuthGrant, refresh_token: OAuthRefresh) -> dict[str, Any]:
        """What is asked for is what was granted: a client that wants less asks its person anew."""
        return self.generate_token(user=user, scope=refresh_token.get_scope())  # type: ignore[no-any-return]

    def revoke_old_credential(self, refresh_token: OAuthRefresh) -> None:
        refresh_token.used_at = timezone.now()
        refresh_token.save(update_fields=["used_at"])


def _made(user: OAuthGrant, client: OAuthClient, **_said: Any) -> dict[str, Any]:
    """A pair of tokens, as the endpoint answers them."""
    at, refresh = timezone.now(), f"hrr_{get_random_string(43)}"
    try:
        access = families.pair(user, refresh, at)
    except DomainError as error:
        raise InvalidGrantError("The agent was stopped or ended.") from error
    OAuthClient.objects.filter(pk=client.pk).update(used_at=at)
    allowed = [one for one in user.capabilities if one in user.agent.capabilities]
    return {
        "token_type": "Bearer", "access_token": access, "expires_in": int(families.ACCESS_FOR.total_seconds()),
        "refresh_token": refresh, "scope": " ".join(allowed),
    }  # fmt: skip


def _server() -> Server:
    made = Server(OAuthClient, None)
    made.scopes_supported = list(Capability.values)
    made.register_token_generator("default", _made)
    made.register_grant(CodeGrant, [S256(required=True), Audience()])
    made.register_grant(RefreshGrant)
    return made


SERVER = _server()
__all__ = ["SERVER", "Consent", "InvalidScopeError", "resource"]
