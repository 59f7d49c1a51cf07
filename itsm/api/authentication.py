"""Two ways in: a Bearer token for programs, the browser's session (with CSRF) for pages and people."""

from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import authentication
from rest_framework.request import Request

from itsm.accounts import tokens
from itsm.accounts.models import Token, User
from itsm.api.problems import CHALLENGE

_MAX_HEADER = 200


class Bearer(authentication.BaseAuthentication):
    """`Authorization: Bearer hr_<id>.<secret>`. Anything else in that header is a 401, never a guess."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, text = header.partition(" ")
        if scheme.lower() != "bearer" or len(header) > _MAX_HEADER:
            raise tokens.TokenRefused(gettext("Send the header “Authorization: Bearer hr_…”, with the whole token."))
        token = tokens.opened(text.strip(), timezone.now(), request.META.get("REMOTE_ADDR", ""))
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class Session(authentication.SessionAuthentication):
    """The page's session, CSRF enforced."""
