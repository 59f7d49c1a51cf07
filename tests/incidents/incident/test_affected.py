"""What an incident affects: drawn as a link to an item, felt by the services above, told to nobody who may not know."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.services.queries.states import troubled
from incidents.incident import operations
from incidents.incident.queries import felt_by
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from tests.factories.catalog import an_item, joined
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(agent: User, as_actor: Any) -> Actor:
    return as_actor(agent)


def test_a_host_on_an_incident_of_priority_1_takes_its_services_down_while_somebody_works_on_it(
    desk: Actor, api: Callable[[User], Any], agent: User
) -> None:
    host, machine, shop = an_item("physical_server"), an_item(), a_service(slug="shop")
    joined(machine, host, "runs_on")
    joined(shop, machine, "runs_on")
    incident = operations.open_incident(actor=desk, title="esx-4 is gone", priority=1)
    linked = operations.connect(incident, actor=desk, to=host.reference, relation="affects")
    assert troubled(timezone.now()) == {}  # nobody has taken it up
    incident = operations.acknowledge(incident, actor=desk)
    now = {item: state.value for item, state in troubled(timezone.now()).items()}
    assert now == {host.pk: "down", machine.pk: "down", shop.pk: "down"}
    found = felt_by(incident, desk)
    assert [(one.slug, one.state, one.via) for one in found.services] == [
        ("shop", "down", (machine.reference, host.reference))
    ]
    # Beside what is down now, the failure of the machine makes nobody worse.
    client = api(agent)
    address = f"/api/v1/cis/{machine.reference}/impact/"
    assert client.get(address).json()["counts"]["down"] == 1
    assert client.get(address, {"context": "current"}).json()["counts"] == {"down": 0, "degraded": 0}
    operations.disconnect(incident, linked, actor=desk)
    assert troubled(timezone.now()) == {}


def test_priority_2_degrades_and_priority_3_says_nothing(desk: Actor) -> None:
    host = an_item("physical_server")
    incident = operations.open_incident(actor=desk, title="Slow", priority=2)
    operations.connect(incident, actor=desk, to=host.reference, relation="affects")
    incident = operations.acknowledge(incident, actor=desk)
    assert {item: state.value for item, state in troubled(timezone.now()).items()} == {host.pk: "degraded"}
    operations.edit(incident, actor=desk, version=incident.version, priority=3)
    assert troubled(timezone.now()) == {}


def test_only_things_are_affected(desk: Actor) -> None:
    one, other = (operations.open_incident(actor=desk, title=title) for title in ("One", "Other"))
    with pytest.raises(InvalidInput, match="nothing that can fail"):
        operations.connect(one, actor=desk, to=other.reference, relation="affects")
    with pytest.raises(InvalidInput, match="nothing that can fail"):
        operations.connect(one, actor=desk, to=an_item().reference, relation="affected_by")


def test_a_confidential_item_is_named_to_nobody_who_may_not_see_it(
    desk: Actor, manager: User, agent: User, as_actor: Any, web: Callable[[User], Client]
) -> None:
    vault, shop = an_item(confidential=True, name="vault"), a_service(slug="shop")
    joined(shop, vault, "runs_on")
    incident = operations.open_incident(actor=desk, title="Slow", priority=1)
    with pytest.raises(InvalidInput, match="may not see it"):
        operations.connect(incident, actor=desk, to=vault.reference, relation="affects")
    operations.connect(incident, actor=as_actor(manager), to=vault.reference, relation="affects")
    assert not Entry.objects.filter(record_kind="incident", changes__icontains=vault.reference).exists()
    page = web(agent).get(f"{incident.get_absolute_url()}who-feels-it/").content.decode()
    assert "shop" in page
    assert "vault" not in page
    assert vault.reference not in page
    assert "more that you may not see" in page
    assert "vault" in web(manager).get(f"{incident.get_absolute_url()}who-feels-it/").content.decode()
