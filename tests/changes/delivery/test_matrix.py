"""What runs where: what was taken back runs nowhere, each deployment stands once, and odd words find nothing."""

from collections.abc import Callable

import pytest
from django.test import Client

from changes.delivery.queries.running import matrix, places
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from tests.changes.dora.deployed import HOUR, deployed
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db


def test_what_runs_is_the_newest_that_was_not_taken_back(managing: Actor) -> None:
    service = a_service()
    first = deployed(service, T0, version="1.0")
    deployed(service, T0 + HOUR, "rolled_back", version="1.1")
    newest = deployed(service, T0 + 2 * HOUR, "failed", version="1.2")
    deployed(service, T0 + 3 * HOUR, version="1.0", same_as=first)
    staged = deployed(service, T0 + 4 * HOUR, version="1.3", environment="staging")
    deployed(a_service(), T0 + 9 * HOUR, version="9.9")
    there = places([service.pk], ["production", "staging"])
    assert there[service.pk, "production"] == (newest, first)
    assert there[service.pk, "staging"] == (staged, staged)
    found = matrix(managing, service.pk)
    assert [version.name for version in found.versions] == ["1.3", "1.2", "1.1", "1.0"]
    assert [sorted(version.at) for version in found.versions] == [["staging"], *[["production"]] * 3]
    assert set(found.environments) == {"production", "staging"}
    assert found.running == {first.pk, staged.pk}


def test_the_pages_show_who_deployed_what_by_which_change(
    asker: Actor, manager: User, requester: User, web: Callable[[User], Client]
) -> None:
    service = a_measured_service()
    change = change_of(ask(service, asker))
    deployed(service, T0, version="4.7.1", who="deploy-bot", change=change)
    deployed(service, T0 + HOUR, "started", version="4.7.2", finished_at=None, standing="unauthorised")
    client = web(manager)
    whole = client.get("/deployments/").content.decode()
    for address in (f"/deployments/{service.slug}/", f"/deployments/of/{service.slug}/"):
        page = client.get(address).content.decode()
        assert "runs now" in page
        assert page.count(change.reference) >= 1
        assert "deploy-bot" in page
        assert "unauthorised" in page
    assert "4.7.1" in whole
    assert "4.7.2" in whole  # runs as well, so far as anybody knows
    assert service.name not in client.get("/deployments/?q=none%00such").content.decode().partition("<main")[2]
    assert client.get("/deployments/none/").status_code == 404
    assert web(requester).get("/deployments/").status_code == 403
