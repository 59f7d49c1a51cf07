"""A provider that may write by SCIM, and what it sends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.identity.models import GroupMapping, IdentityProvider
from itsm.identity.vocabulary import Protocol, SignUp
from tests.conftest import SYSTEM

BASE = "/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
JSON = "application/scim+json"


class Scim:
    """A provider as it comes in: `scim.post("/Users", {...})` answers with status and body."""

    def __init__(self, provider: IdentityProvider, token: str) -> None:
        self.provider, self.token, self.client = provider, token, APIClient()
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    def ask(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        import json

        data = b"" if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
        answer = self.client.generic(method, BASE + path, data, content_type=JSON, headers=headers)
        assert answer.status_code < 500, answer.content
        if answer.content:
            assert answer["Content-Type"].startswith(JSON), answer["Content-Type"]
            answer.said = json.loads(answer.content)
            if answer.status_code >= 400:
                assert answer.said["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
                assert answer.said["status"] == str(answer.status_code)
        return answer

    def get(self, path: str, **headers: Any) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: Any) -> Any:
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: Any) -> Any:
        return self.ask("PUT", path, body, **headers)

    def patch(self, path: str, *operations: Any, **headers: Any) -> Any:
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)

    def delete(self, path: str, **headers: Any) -> Any:
        return self.ask("DELETE", path, **headers)

    def add(self, name: str = "ada", **said: Any) -> Any:
        """The body of a user who was made just now."""
        answer = self.post("/Users", user(name, **said))
        assert answer.status_code == 201, answer.content
        return answer.said

    def group(self, name: str, *members: Any) -> Any:
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one["id"]} for one in members]}
        answer = self.post("/Groups", body)
        assert answer.status_code == 201, answer.content
        return answer.said


def user(name: str = "ada", **said: Any) -> dict[str, Any]:
    return {
        "schemas": [USER], "userName": f"{name}@acme.test", "externalId": f"ext-{name}", "displayName": name.title(),
        "emails": [{"value": f"{name}@acme.test", "type": "work", "primary": True}], "active": True, **said,
    }  # fmt: skip


@pytest.fixture
def connected(admin: User, person: Callable[..., User]) -> Callable[..., Scim]:
    """Make a provider that is trusted, and come in as it."""

    def make(slug: str = "acme", **fields: Any) -> Scim:
        account = person("", username=f"scim-{slug}", account_type="service")
        at = timezone.now() - timedelta(days=1)
        said = {
            "name": slug.title(),
            "protocol": Protocol.SCIM,
            "sign_up": SignUp.EVERYBODY,
            "trusted_at": at,
            **fields,
        }
        said.setdefault("configuration", {"account": account.username, "believes_addresses": True, "signs_in_by": ""})
        provider = IdentityProvider.objects.create(slug=slug, asked_at=at, made_by=admin, **said)
        _, token = accounts.issue_token(account, actor=SYSTEM, name="scim", allowed=["scim"])
        return Scim(provider, token)

    return make


@pytest.fixture
def scim(connected: Callable[..., Scim]) -> Scim:
    return connected()


@pytest.fixture
def mapped(admin: User) -> Callable[..., GroupMapping]:
    def make(provider: IdentityProvider, group: str, role: str = "", team: Any = None, **fields: Any) -> GroupMapping:
        at = timezone.now() - timedelta(days=1)
        said = {"asked_at": at, "trusted_at": at, "mapped_by": admin, **fields}
        return GroupMapping.objects.create(provider=provider, group=group, role=role, team=team, **said)

    return make
