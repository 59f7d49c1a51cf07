"""The cast: one person per role, the system, and the doors they come through. Nothing else."""

import gc
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor, Door
from itsm.webhooks.receivers import endpoints
from slo.measuring.adapters import prometheus as prometheus_adapter
from slo.measuring.adapters import prometheus_asking
from tests import emptied, locks
from tests.slo import proving

pytest_plugins = [
    "tests.invariants_hold",
    "tests.budgets",
    "tests.collecting",
    "tests.sampling",
    "tests.standing",
    "tests.databases",
]  # the last is asked first
proving.choose_examples()
emptied.after_each_test_that_commits()

SYSTEM = Actor.system("tests", Door.COMMAND)


def pytest_configure() -> None:
    """Whatever a test asks the API, the answer is held against the schema, before every other middleware."""
    endpoints.say_none()
    settings.MIDDLEWARE = ["tests.api.held_to_schema.HeldToSchema", *settings.MIDDLEWARE]
    # A sweep removes what its own database knows nothing of: each worker keeps the files of its database apart.
    settings.FILES_DIR = f"{settings.FILES_DIR}-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    settings.STATUS_DIR = f"{settings.FILES_DIR}-status"


def pytest_report_header() -> str:
    return "proofs: in full" if proving.IN_FULL else f"proofs: a sample, the one of PROOF_TURN={proving.TURN}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Properties are sampled here and proven in full by `make prove`, which runs what is heavy."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("heavy")


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: who looks for garbage need not walk through it each time, nor so often."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


locks.watch_all()


@pytest.fixture(autouse=True)
def patient_with_real_servers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real Prometheus on a busy machine answers late, and is waited for."""
    if request.node.get_closest_marker("prometheus"):
        monkeypatch.setattr(prometheus_asking, "TIMEOUT_SECONDS", 600.0)
        monkeypatch.setattr(prometheus_adapter, "QUERY_TIMEOUT", "590s")


@pytest.fixture(autouse=True)
def nobody_outside_is_told() -> None:
    """Tests whose news goes to webhooks say so (`endpoints.forget()`); no other looks whether there are endpoints."""
    endpoints.say_none()


class _Left(logging.Handler):
    """What sweeps over rows could not do."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


_left = _Left()
logging.getLogger("headroom.owed").addHandler(_left)


@pytest.fixture(autouse=True)
def every_row_is_done(request: pytest.FixtureRequest) -> Iterator[None]:
    """A sweep goes on past a row that fails, and so hides it: where a test's module does not say ODD_ROWS, it fails."""
    _left.told.clear()
    yield
    if not getattr(request.module, "ODD_ROWS", False):
        assert _left.told == []


@pytest.fixture
def payments(db: None) -> Team:
    return Team.objects.get_or_create(slug="payments", defaults={"name": "Payments"})[0]


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """A person by role: the role is the user name too. A program gets an owner of its own, who does nothing else."""

    def make(
        role: str, *teams: Team, username: str = "", account_type: str = "human", owner: User | None = None
    ) -> User:
        if account_type == "service" and owner is None:
            owner, _ = User.objects.get_or_create(username=f"owner-of-{username or role}")
        user, _ = User.objects.get_or_create(
            username=username or role,
            defaults={"roles": [role] if role else [], "account_type": account_type, "owner": owner},
        )
        Membership.objects.bulk_create([Membership(user=user, team=team) for team in teams], ignore_conflicts=True)
        return user

    return make


def _role(name: str) -> Any:
    @pytest.fixture(name=name)
    def fixture(person: Callable[..., User]) -> User:
        return person(name)

    return fixture


requester, agent, engineer, approver = _role("requester"), _role("agent"), _role("engineer"), _role("approver")
manager, owner, auditor, admin = _role("manager"), _role("owner"), _role("auditor"), _role("admin")


@pytest.fixture
def pipeline(person: Callable[..., User]) -> User:
    """A service account: it asks, it never approves."""
    return person("engineer", username="pipeline", account_type="service")


@pytest.fixture
def as_actor() -> Callable[..., Actor]:
    """The account as an actor at a page, whose person has just shown who they are."""
    return lambda user, via=Door.WEB: replace(actor_for(user, via), proved_at=timezone.now())


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """A REST client with a Bearer token of this account."""

    def sign_in(user: User, *scopes: str) -> APIClient:
        _, text = accounts.issue_token(user, actor=SYSTEM, name="test", allowed=list(scopes) or None)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client

    return sign_in


@pytest.fixture
def web() -> Callable[[User], Client]:
    """A browser's session of this person."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="itsm.accounts.backends.PeopleOnly")
        return client

    return sign_in


@pytest.fixture
def system() -> Actor:
    return SYSTEM
