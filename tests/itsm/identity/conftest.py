"""A provider that is trusted, of a protocol that anything can be said by."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import Team, User
from itsm.identity.models import GroupMapping, IdentityProvider
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import Protocol, SignUp


@pytest.fixture
def trusted(admin: User) -> Callable[..., IdentityProvider]:
    """Make one that is trusted: `trusted(sign_up=..., domains=...)`."""

    def make(slug: str = "acme", **fields: Any) -> IdentityProvider:
        at = timezone.now() - timedelta(days=1)
        said = {
            "name": slug.title(),
            "protocol": Protocol.SCIM,
            "sign_up": SignUp.EVERYBODY,
            "trusted_at": at,
            **fields,
        }
        return IdentityProvider.objects.create(slug=slug, asked_at=at, made_by=admin, **said)

    return make


@pytest.fixture
def mapped(admin: User) -> Callable[..., GroupMapping]:
    def make(provider: IdentityProvider, group: str, role: str = "", team: Team | None = None, **fields: Any) -> Any:
        at = timezone.now() - timedelta(days=1)
        said = {"asked_at": at, "trusted_at": at, "mapped_by": admin, **fields}
        return GroupMapping.objects.create(provider=provider, group=group, role=role, team=team, **said)

    return make


@pytest.fixture
def second(person: Callable[..., User]) -> User:
    """Another administrator, who could sign in."""
    user = person("admin", username="second")
    user.set_password("long and known to second")
    user.save()
    return user


def ada(*groups: str, **fields: Any) -> Identified:
    """Ada, as a provider tells of her; `groups` may be left out by `groups=None`."""
    said = {"subject": "a-1", "email": "ada@acme.test", "email_verified": True, "name": "Ada L.", **fields}
    return Identified(**{"groups": groups, **said})
