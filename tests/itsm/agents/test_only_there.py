"""A token of a software agent opens /mcp, and nothing else: every other door is tried."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from itsm.accounts import tokens
from itsm.accounts.models import User
from itsm.agents import operations
from itsm.agents.models import Agent
from tests.api.routes import routes
from tests.api.world import World, bearer, token_of
from tests.slo.proving import IN_FULL, TURN
from tests.together import each_of

pytestmark = pytest.mark.django_db
_PUSHED = "/api/v1/integrations/pagerduty/v2/enqueue/"


@pytest.fixture
def token(world: World, as_actor: Callable[..., Any]) -> str:
    """Of an agent of an administrator, whose own token opens all of these doors."""
    actor = as_actor(world.people["admin"])
    agent = operations.connect(actor=actor, name="x", capabilities=["gate", "desk:read"], at=timezone.now())
    return operations.issue_token(agent, actor=actor, at=timezone.now())[1]


def test_every_route_of_the_api_refuses_it(world: World, token: str) -> None:
    """In the sample a fifth of them."""
    client = bearer(token)
    for route in routes()[slice(None) if IN_FULL else slice(TURN % 5, None, 5)]:
        with transaction.atomic():
            answer = client.generic(route.method, world.path(route.name), b"{}", "application/json")
        assert answer.status_code == 401, route
        assert answer.json()["type"].endswith("/token-unknown"), route
        assert "opens /mcp, and nothing else" in answer.json()["detail"], route


def test_doors_of_other_protocols_refuse_it(world: World, token: str, client: Client) -> None:
    held = {"Authorization": f"Bearer {token}"}
    for method, path in [
        ("GET", "/scim/v2/Users"), ("GET", "/scim/v2/ServiceProviderConfig"), ("POST", "/scim/v2/Users"),
        ("GET", "/metrics"), ("POST", _PUSHED), ("POST", "/api/v1/integrations/alertmanager/"),
        ("POST", "/api/v1/mail/incoming/"),
    ]:  # fmt: skip
        with transaction.atomic():
            answer = client.generic(method, path, b"{}", "application/json", headers=held, REMOTE_ADDR="8.8.8.8")
        assert answer.status_code in {401, 403, 404}, f"{method} {path}: {answer.status_code}"
    with transaction.atomic():
        answer = client.post(
            _PUSHED, {"routing_key": token, "event_action": "trigger", "payload": {"summary": "x", "source": "y"}},
            content_type="application/json",
        )  # fmt: skip
    assert answer.status_code == 401


@each_of(
    "header", ["Basic {}", "bearer  {}", "Bearer {} ", "Token {}", "Bearer\t{}", "Basic eDp7fQ==", "{}", "DPoP {}"]
)
def test_no_other_way_of_saying_it_helps(world: World, token: str, client: Client, header: str) -> None:
    with transaction.atomic():
        answer = client.get("/api/v1/services/", headers={"Authorization": header.format(token)})
    assert answer.status_code == 401


def test_no_page_takes_it(world: World, token: str, client: Client) -> None:
    """Pages know sessions alone: with a token, in whatever place, they ask who is there."""
    client.cookies["sessionid"] = client.cookies["__Host-sessionid"] = token
    for path in ("/services/", "/incidents/", "/profile/", "/settings/", f"/?token={token}"):
        with transaction.atomic():
            answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/sign-in/"), path


def test_no_other_token_opens_the_agents_door(engineer: User, pipeline: User) -> None:
    for account in (engineer, pipeline):
        with pytest.raises(tokens.TokenRefused):
            tokens.opened(token_of(account), timezone.now(), of_agents=True)


def test_a_closed_agent_is_told_nothing_more(connected: Agent, as_actor: Callable[..., Any], text_of: Any) -> None:
    text = text_of(connected)
    operations.end(connected, actor=as_actor(connected.account.owner), at=timezone.now())
    with pytest.raises(tokens.TokenRevoked):
        tokens.opened(text, timezone.now(), of_agents=True)
