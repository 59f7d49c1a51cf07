"""A source of deliveries whose secret is known, deliveries that are signed with it, and what is due is done."""

import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Service
from changes.delivery.adapters import github as adapter
from changes.delivery.models import DeliverySource
from changes.delivery.operations import mapping, sources
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.kernel.actors import Actor, Door
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from tests.changes.delivery import platforms

DOORS = "/api/v1/integrations"
Send = Callable[..., Any]


@pytest.fixture
def keeper(manager: User) -> Actor:
    return actor_for(manager, Door.WEB)


@pytest.fixture
def secrets_dir(tmp_path: Path, settings: Any) -> Path:
    settings.SECRETS_DIR = str(tmp_path)
    return tmp_path


@pytest.fixture
def source(keeper: Actor, pipeline: User) -> Callable[..., DeliverySource]:
    """Make a source; its secret is on it, as its platform was told it."""

    def make(platform: str = "github", **words: Any) -> DeliverySource:
        said = {"slug": platform, "name": platform, "account": pipeline} | words
        made, secret = sources.add_source(actor=keeper, platform=platform, at=timezone.now(), **said)
        made.secret = secret
        return made

    return make


@pytest.fixture
def mapped(keeper: Actor) -> Callable[..., Any]:
    def make(
        of: DeliverySource, repository: str, service: Service, environment: str = "production", **words: Any
    ) -> Any:
        return mapping.map_deployments(
            actor=keeper, source=of, repository=repository, service=service, environment=environment,
            at=timezone.now(), **words,
        )  # fmt: skip

    return make


def hub_signed(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()


@pytest.fixture
def send() -> Send:
    """A delivery as GitHub sends it; `body` in bytes or as a document."""

    def post(of: DeliverySource, event: str, body: Any, number: str = "", **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = {"X-Hub-Signature-256": hub_signed(of.secret, raw), "X-GitHub-Event": event}
        signed["X-GitHub-Delivery"] = number or str(uuid4())
        signed |= {name.replace("_", "-"): value for name, value in headers.items()}
        return APIClient().post(f"{DOORS}/github/", raw, content_type="application/json", headers=signed)

    return post


@pytest.fixture
def github(secrets_dir: Path, settings: Any) -> Iterator[platforms.GitHub]:
    adapter._tokens.clear()
    with platforms.github(secrets_dir, settings) as platform:
        yield platform


@pytest.fixture
def gitlab(secrets_dir: Path, settings: Any) -> Iterator[platforms.GitLab]:
    with platforms.gitlab(secrets_dir, settings) as platform:
        yield platform


def work(lanes: tuple[Lane, ...] = (Lane.INTAKE, Lane.WEBHOOK)) -> None:
    """What is due and owed now is done, as the lanes' own program does."""
    due.sweep(timezone.now(), lanes=lanes)
    outbox.relay(timezone.now() + timedelta(seconds=1), 1_000, lanes=lanes)


@pytest.fixture
def a_program(admin: User) -> User:
    """A program that brings alerts and may ask the gate."""
    return User.objects.create(username="eventbus", roles=["agent", "engineer"], account_type="service", owner=admin)
