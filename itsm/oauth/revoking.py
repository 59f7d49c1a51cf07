"""A client gives back what it was given (RFC 7009): with it goes the whole family."""

from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from django.utils import timezone

from itsm.accounts import tokens
from itsm.oauth import families
from itsm.oauth.models import OAuthGrant, OAuthRefresh
from itsm.oauth.server import SERVER
from itsm.oauth.vocabulary import Ending


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = ("none",)

    def query_token(self, token_string: str, token_type_hint: str | None) -> OAuthRefresh | None:
        """By the whole text of a refresh or of an access token; None for what nobody knows, which is no error."""
        rows = OAuthRefresh.objects.select_related("grant")
        known = rows.filter(token_hash=families.hashed(token_string)).first()
        if known is None:
            try:
                access = tokens.opened(token_string, timezone.now(), of_agents=True)
            except tokens.TokenRefused:
                return None
            known = rows.filter(access=access).first()
        return known

    def revoke_token(self, token: OAuthRefresh, request: Any) -> None:
        grant: OAuthGrant = families.held(token.grant_id)
        families.end(grant, Ending.REVOKED, timezone.now())


SERVER.register_endpoint(Revocation)
