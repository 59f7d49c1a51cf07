"""Of what people tell apart by its name there is one of each, however it is written: webhooks and ways to page."""

from collections.abc import Callable
from typing import Any

import pytest

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
from itsm.kernel.errors import Conflict
from itsm.paging.operations import providers
from itsm.webhooks import operations as webhooks
from tests.itsm.paging.company import TEMPLATE

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]


def a_webhook(**said: Any) -> Any:
    return webhooks.create(url="https://hooks.example.com/x", events=["*"], **said)[0]


def a_way_to_page(**said: Any) -> Any:
    return providers.create(channel="sms", url="https://sms.example.com/send", template=TEMPLATE, **said)


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names lead to an address of the outer world: nothing is sent there."""
    monkeypatch.setattr("itsm.notifications.addresses.addresses_of", lambda *_said: ["93.184.216.34"])


@pytest.mark.parametrize(("make", "edit"), [(a_webhook, webhooks.edit), (a_way_to_page, providers.edit)])
@pytest.mark.parametrize("said", ["OPERATIONS room", "Operations\u2003room", "Operations\u200b room"])
def test_two_that_are_read_as_one_are_refused(make: Make, edit: Make, said: str, admin: User) -> None:
    root = actor_for(admin, Door.WEB)
    first, other = make(actor=root, name="Operations room"), make(actor=root, name="Other")
    with pytest.raises(Conflict, match="There is already"):
        make(actor=root, name=said)
    with pytest.raises(Conflict, match="There is already"):
        edit(other, actor=root, version=1, name=said)
    assert edit(first, actor=root, version=1, name=said).name == said
