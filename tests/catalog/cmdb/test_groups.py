"""How many of several are enough is said on a page, with the history and the guards of the operation."""

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.cmdb import operations
from catalog.models import CI, Group, History
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState
from tests.factories.catalog import KEEPER, an_item, joined, relies_on
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]


@pytest.fixture
def farm() -> CI:
    """A machine that rests on three hosts, of which one is enough."""
    machine = an_item(environment="production")
    for _ in range(3):
        joined(machine, an_item("physical_server"), "runs_on", group="hosts")
    return machine


def test_who_may_edit_the_item_says_on_a_page_how_many_are_enough_and_it_is_history(
    farm: CI, manager: User, web: Web
) -> None:
    group = Group.objects.get()
    browser = web(manager)
    assert group.get_absolute_url() in browser.get(farm.get_absolute_url()).content.decode()
    page = browser.get(group.get_absolute_url()).content.decode()
    assert all(one.target.reference in page for one in group.relations.all())
    assert "?group=hosts" in page
    assert 'value="hosts"' in browser.get(f"/cis/{farm.reference}/relate/?group=hosts").content.decode()
    sent = {"needs_share": 60, "whole_below": 3, "version": 1}
    assert browser.post(group.get_absolute_url(), sent).status_code == 302
    group.refresh_from_db()
    assert (group.needs, group.needs_share, group.whole_below) == (None, 60, 3)
    told = History.objects.filter(ci=farm).latest("pk")
    assert (told.key, told.accounted) == ("group:hosts", False)
    assert (told.before, told.after) == ({"needs": 1}, {"needs_share": 60, "whole_below": 3})
    for odd, status in (({}, 422), ({"needs": 1, "needs_share": 5}, 422), ({"needs": 0}, 422), ({"needs": 2}, 412)):
        assert browser.post(group.get_absolute_url(), {**odd, "version": 1}).status_code == status, odd


def test_others_read_it_and_do_not_see_whom_they_may_not(farm: CI, agent: User, engineer: User, web: Web) -> None:
    secret = Team.objects.create(slug="vault", name="Vault")
    joined(farm, an_item("physical_server", name="hush", team=secret, confidential=True), "runs_on", group="hosts")
    path = Group.objects.get().get_absolute_url()
    page = web(agent).get(path).content.decode()
    assert "1 of them are enough." in page
    assert "1 more that is not yours to see." in page
    assert "hush" not in page
    for one in (agent, engineer):
        for sent in ({"needs": 2, "version": 1}, {}):
            assert web(one).post(path, sent).status_code == 403
    assert web(agent).get(f"/cis/{an_item().reference}/groups/{Group.objects.get().pk}/").status_code == 404


def test_how_many_services_are_enough_is_not_said_past_the_second_person(
    manager: User, as_actor: Callable[[User], Actor]
) -> None:
    shop, east, west = (a_service() for _ in range(3))
    relies_on(shop, east, west, needs=2)
    group = Group.objects.get()
    with pytest.raises(InvalidInput, match="where the service is edited"):
        operations.edit_group(group, actor=as_actor(manager), version=1, needs=1)
    edited = operations.edit_group(group, actor=as_actor(manager), version=1, whole_below=2)
    assert (edited.needs, edited.whole_below) == (2, 2)


def test_the_item_of_a_service_says_where_its_life_is_lived() -> None:
    shop = a_service(slug="shop")
    with pytest.raises(WrongState, match="/services/shop/"):
        operations.retire(CI.objects.get(pk=shop.pk), actor=KEEPER, reason="Old")
