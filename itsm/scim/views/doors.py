"""The door of SCIM. Only a token of a provider's own account, with the scope that names it, comes in here; it sees what
that provider wrote, and nothing else is there for it."""

import logging
from typing import Any

from django.db import DataError, InterfaceError, OperationalError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from itsm.accounts.models import Token
from itsm.accounts.tokens import TokenRefused
from itsm.api.authentication import Bearer
from itsm.api.parsers import StrictJSON
from itsm.api.problems import CHALLENGE, RETRY_AFTER_SECONDS
from itsm.identity.models import IdentityProvider
from itsm.kernel.errors import DomainError, said_by_the_database
from itsm.scim.configured import provider_of
from itsm.scim.errors import ScimRefused, error_body

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/scim+json"
NOBODY_THERE = "There is no such resource."


class ScimJSON(StrictJSON):
    media_type = MEDIA_TYPE


class ScimRenderer(JSONRenderer):
    media_type = MEDIA_TYPE
    charset = "utf-8"


class ScimView(APIView):
    """Who comes in, and how what goes wrong is said. Every answer is SCIM's."""

    schema = None  # SCIM describes itself, at /Schemas and /ResourceTypes
    authentication_classes = (Bearer,)
    permission_classes = ()
    parser_classes: tuple[type[BaseParser], ...] = (ScimJSON, StrictJSON)
    renderer_classes = (ScimRenderer,)
    provider: IdentityProvider

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is one form: who asks for application/json is given it as well (RFC 7644, 3.8)."""
        return ScimRenderer(), MEDIA_TYPE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not isinstance(request.auth, Token):
            raise exceptions.NotAuthenticated
        found = provider_of(request.auth)
        if found is None:
            raise ScimRefused(403, _("This token is none of a provider that is trusted here, with the scope “scim”."))
        self.provider = found

    def handle_exception(self, error: Exception) -> Response:
        response = self._refusal(error)
        if response.status_code == 401:
            response["WWW-Authenticate"] = CHALLENGE
        response.exception = True
        return response

    def _refusal(self, error: Exception) -> Response:
        match error:
            case ScimRefused():
                return said(error.status, error.detail, error.scim_type)
            case TokenRefused() | exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
                return said(401, str(getattr(error, "detail", "")))
            case exceptions.ParseError():
                return said(400, str(error.detail), "invalidSyntax")
            case DomainError():
                return said(error.status, error.detail)
            case exceptions.APIException():
                return said(error.status_code, str(error.detail))
            case DataError():
                return said(400, _("A value does not fit."), "invalidValue")
            case OperationalError() | InterfaceError():
                logger.warning("database busy or away at the door of SCIM: %s", said_by_the_database(error))
                response = said(503, _("Try again shortly."))
                response["Retry-After"] = str(RETRY_AFTER_SECONDS)
                return response
        raise error


def said(status: int, detail: str, scim_type: str = "") -> Response:
    return Response(error_body(status, detail, scim_type), status=status)


def an_object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise ScimRefused(400, _("The body is an object."), "invalidSyntax")
    return body
