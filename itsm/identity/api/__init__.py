"""By whom people come in, and what groups mean, over REST."""

from itsm.api.routing import Router
from itsm.identity.api.mappings import GroupMappingViewSet
from itsm.identity.api.providers import IdentityProviderViewSet


def register(router: Router) -> None:
    """Their place below /api/v1/."""
    router.register("identity-providers", IdentityProviderViewSet, basename="identity-provider")
    router.register("group-mappings", GroupMappingViewSet, basename="group-mapping")
