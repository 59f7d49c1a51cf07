from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import User
from itsm.identity.models import IdentityProvider
from itsm.identity.vocabulary import Protocol, SignUp
from tests.itsm.single_sign_on.oidc_provider import CLIENT, Provider, playing


@pytest.fixture
def there(settings: Any) -> Iterator[Provider]:
    """A provider that this desk may reach."""
    with playing() as provider:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{provider.server.port}"]
        yield provider


@pytest.fixture
def connect(admin: User) -> Callable[..., IdentityProvider]:
    """Trust a provider at an issuer."""

    def make(issuer: str, slug: str = "acme", configuration: Any = None, **fields: Any) -> IdentityProvider:
        at = timezone.now() - timedelta(days=1)
        said = {
            "name": slug.title(),
            "sign_up": SignUp.EVERYBODY,
            "trusted_at": at,
            "protocol": Protocol.OIDC,
            **fields,
        }
        says = {"issuer": issuer, "client_id": CLIENT, **(configuration or {})}
        return IdentityProvider.objects.create(slug=slug, asked_at=at, made_by=admin, configuration=says, **said)

    return make


@pytest.fixture
def acme(there: Provider, connect: Callable[..., IdentityProvider]) -> IdentityProvider:
    return connect(there.url)
