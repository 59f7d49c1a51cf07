"""SCIM as a client that is not ours takes it: every check of scim2-tester, over the whole WSGI stack."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from tests.itsm.scim.conftest import Scim
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The connection of the test's transaction stays open from request to request, as with Django's own test client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def client_of(scim: Scim) -> Any:
    from scim2_client.engines.wsgi import WSGISCIMClient

    headers = {"Authorization": f"Bearer {scim.token}"}
    return WSGISCIMClient(get_wsgi_application(), base_url="http://localhost/scim/v2", headers=headers)


@pytest.mark.heavy
def test_every_check_of_the_tester(scim: Scim) -> None:
    from scim2_tester import Status, check_server  # a quarter of all collecting, if it stood above

    only = {} if IN_FULL else {"include_tags": {"discovery", "crud:create", "crud:update"}, "resource_types": ["User"]}
    results = check_server(client_of(scim), **only)
    # To remove "active" lets nobody in or out here: whether somebody may come in is said, or stays.
    wanted = "PATCH modify() did not remove attribute 'active'"
    odd = [f"{one.title}: {one.reason}" for one in results if one.status not in (Status.SUCCESS, Status.SKIPPED)]
    odd = [one for one in odd if wanted not in one]
    assert odd == [], "\n".join(odd)
    assert len(results) > (40 if IN_FULL else 15)
