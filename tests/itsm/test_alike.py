"""Of what people tell apart by its name there is one of each, however it is written."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from catalog.agreements import operations as agreements
from catalog.agreements.operations import agreements as agreement_operations
from catalog.agreements.operations import offerings as offering_operations
from catalog.models import Service
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.calendars import operations as calendars
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict
from itsm.paging.operations import providers
from itsm.statuspage.models import StatusPage
from itsm.statuspage.operations import keeping
from itsm.webhooks import operations as webhooks
from tests.factories.slo import T0, a_service
from tests.itsm.paging.company import TEMPLATE

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]


def a_webhook(**said: Any) -> Any:
    return webhooks.create(url="https://hooks.example.com/x", events=["*"], **said)[0]


def a_way_to_page(**said: Any) -> Any:
    return providers.create(channel="sms", url="https://sms.example.com/send", template=TEMPLATE, **said)


def an_agreement(**said: Any) -> Any:
    return agreements.create_agreement(at=T0, targets={"resolve": 240}, **said)


def an_offering(**said: Any) -> Any:
    printing = Service.objects.filter(slug="printing").first() or a_service(slug="printing")
    return agreements.create_offering(service=printing, **said)


def a_calendar(**said: Any) -> Any:
    return calendars.create_calendar(at=T0, zone="UTC", week={"mon": ["08:00-18:00"]}, **said)


def a_component(*, actor: Actor, **said: Any) -> Any:
    page = StatusPage.objects.first() or keeping.create_page(actor=actor, name="Desk", slug="desk")
    return keeping.add_component(page, actor=actor, at=T0, **said)


BY_KEY = [
    (an_agreement, partial(agreements.edit_agreement, at=T0), agreement_operations),
    (an_offering, agreements.edit_offering, offering_operations),
    (a_calendar, partial(calendars.edit_calendar, at=T0), calendars),
    (a_component, keeping.edit_component, keeping),
]


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names lead to an address of the outer world: nothing is sent there."""
    monkeypatch.setattr("itsm.notifications.addresses.addresses_of", lambda *_said: ["93.184.216.34"])


@pytest.mark.parametrize(
    ("make", "edit"), [(a_webhook, webhooks.edit), (a_way_to_page, providers.edit), *(one[:2] for one in BY_KEY)]
)
@pytest.mark.parametrize("said", ["OPERATIONS room", "Operations\u2003room", "Operations\u200b room"])
def test_two_that_are_read_as_one_are_refused(make: Make, edit: Make, said: str, admin: User) -> None:
    root = actor_for(admin, Door.WEB)
    first, other = make(actor=root, name="Operations room"), make(actor=root, name="Other")
    with pytest.raises(Conflict, match="already"):
        make(actor=root, name=said)
    with pytest.raises(Conflict, match="already"):
        edit(other, actor=root, version=1, name=said)
    assert edit(first, actor=root, version=1, name=said).name == said


@pytest.mark.parametrize(("make", "edit", "module"), BY_KEY)
def test_where_another_was_quicker_the_database_s_word_is_a_conflict(
    make: Make, edit: Make, module: Any, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = actor_for(admin, Door.WEB)
    make(actor=root, name="Operations room")
    other = make(actor=root, name="Other")
    monkeypatch.setattr(module, "read_alike", lambda name: "read before the other one was there")
    with pytest.raises(Conflict, match="already"):
        make(actor=root, name="Operations room")
    with pytest.raises(Conflict, match="already"):
        edit(other, actor=root, version=1, name="Operations room")
