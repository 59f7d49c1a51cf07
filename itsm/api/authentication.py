"""Two ways in: a Bearer token for programs, the browser's session (with CSRF) for pages and people."""

from django.utils import timezone
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from itsm.accounts import tokens
from itsm.accounts.models import Token, User

_MAX_HEADER = 200


class Bearer(authentication.BaseAuthentication):
    """`Authorization: Bearer hr_<id>.<secret>`. Anything else in that header is a 401, never a guess."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, text = header.partition(" ")
        if scheme.lower() != "bearer" or len(header) > _MAX_HEADER:
            raise exceptions.AuthenticationFailed("Send 'Authorization: Bearer hr_…'.")
        token = tokens.holder(text.strip(), timezone.now())
        if token is None:
            raise exceptions.AuthenticationFailed("This token opens nothing: wrong, expired or revoked.")
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="headroom"'


class Session(authentication.SessionAuthentication):
    """The page's session, CSRF enforced."""
