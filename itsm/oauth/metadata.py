"""How clients find their way: RFC 9728 (the protected resource) and RFC 8414 (the authorization server)."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from itsm.agents.capabilities import Capability
from itsm.configuration import reading
from itsm.notifications.web_addresses import our_address
from itsm.oauth.models import GRANT_TYPES
from itsm.oauth.server import resource


def issuer() -> str:
    """By which name the authorization server is known: this instance's address."""
    return str(settings.BASE_URL)


def protected_resource() -> dict[str, Any]:
    """Of the agents' door."""
    return {
        "resource": resource(),
        "authorization_servers": [issuer()],
        "scopes_supported": list(Capability.values),
        "bearer_methods_supported": ["header"],
        "resource_name": "Headroom",
    }


def authorization_server() -> dict[str, Any]:
    """Of the endpoints of this app."""
    return {
        "issuer": issuer(),
        "authorization_endpoint": our_address(reverse("oauth:authorize")),
        "token_endpoint": our_address(reverse("oauth:token")),
        "registration_endpoint": our_address(reverse("oauth:register")),
        "revocation_endpoint": our_address(reverse("oauth:revoke")),
        "scopes_supported": list(Capability.values),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": reading.client_documents(),
    }
