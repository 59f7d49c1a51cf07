"""Our addresses that a provider is told."""

from django.urls import reverse

from itsm.identity.models import IdentityProvider
from itsm.notifications.web_addresses import our_address


def of(provider: IdentityProvider, name: str) -> str:
    """The absolute address of one of this provider's doors: back, acs, metadata, logout."""
    return our_address(reverse(f"single_sign_on:{name}", args=[provider.slug]))


def for_protocol(protocol: str, slug: str) -> list[tuple[str, str]]:
    """(what it is called there, the address): what an administrator copies to the provider."""
    at = IdentityProvider(slug=slug)
    if protocol == "oidc":
        return [("redirect_uri", of(at, "back")), ("backchannel_logout_uri", of(at, "logout"))]
    return [("Entity ID, metadata", of(at, "metadata")), ("ACS URL", of(at, "acs")), ("SLO URL", of(at, "logout"))]
