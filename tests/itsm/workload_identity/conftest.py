from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import User
from itsm.workload_identity import operations
from itsm.workload_identity.models import TrustedIssuer, WorkloadMapping
from tests.itsm.workload_identity.issuer import OURS, Issuer, playing


@pytest.fixture
def platform(settings: Any) -> Iterator[Issuer]:
    with playing() as issuer:
        settings.BASE_URL = OURS
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{issuer.server.port}"]
        yield issuer


@pytest.fixture
def trusted(platform: Issuer, admin: User, as_actor: Callable[..., Any]) -> TrustedIssuer:
    return operations.trust_issuer(actor=as_actor(admin), name="Acme CI", issuer=platform.url, at=timezone.now())


@pytest.fixture
def mapped(trusted: TrustedIssuer, pipeline: User, admin: User, as_actor: Callable[..., Any]) -> WorkloadMapping:
    return operations.map_workload(
        actor=as_actor(admin), issuer=trusted, claims={"repository": "acme/checkout", "environment": "production"},
        account=pipeline, at=timezone.now(),
    )  # fmt: skip
