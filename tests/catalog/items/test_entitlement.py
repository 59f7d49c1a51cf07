"""Who may ask for what: a deny wins, and what is not offered answers as what is not there, on every door."""

from typing import Any

import pytest

from catalog.items import operations, queries
from catalog.models import CatalogItem
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Location, User
from itsm.audit.models import Entry
from itsm.files import readers
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.search.finding import find
from tests.api.world import browser
from tests.factories.items import a_live_item, a_team, an_item, edited, published
from tests.factories.knowledge import somebody

pytestmark = pytest.mark.django_db


def _asker(username: str = "asker", roles: tuple[str, ...] = ("requester",), team: str = "") -> User:
    user = User.objects.create(username=username, roles=list(roles))
    if team:
        a_team(team).members.add(user)
    return user


def _actor(user: User) -> Actor:
    return actor_for(user, Door.WEB)


@pytest.mark.parametrize(
    ("words", "roles", "team", "is_offered"),
    [
        ([], ("requester",), "", True),
        ([("all", True)], ("requester",), "", True),
        ([("staff", True)], ("requester",), "", False),
        ([("staff", True)], ("agent",), "", True),
        ([("team:sales", True)], ("requester",), "sales", True),
        ([("team:sales", True)], ("requester",), "", False),
        ([("role:engineer", True)], ("engineer",), "", True),
        ([("role:engineer", True)], ("requester",), "", False),
        ([("user:asker", True)], ("requester",), "", True),
        ([("user:asker", False)], ("requester",), "", False),
        ([("all", True), ("team:sales", False)], ("requester",), "sales", False),
        ([("team:sales", False)], ("requester",), "", True),
        ([("user:asker", True), ("role:requester", False)], ("requester",), "", False),
        ([("role:engineer", True)], ("owner", "admin"), "", False),  # who keeps the desk asks as everybody does
    ],
)
def test_who_is_offered_an_item(words: Any, roles: Any, team: str, is_offered: bool) -> None:
    asker = _asker(roles=roles, team=team)
    ids = {"team:sales": f"team:{a_team('sales').pk}", "user:asker": f"user:{asker.pk}"}
    said = [{"token": ids.get(token, token), "allow": allow} for token, allow in words]
    item = a_live_item(entitlements=said)
    assert queries.is_offered(item, _actor(asker)) is is_offered
    assert CatalogItem.objects.get().open_to_all is (not words)


def test_a_place_lets_in_who_works_in_it_or_within_it_and_fills_forms_in() -> None:
    berlin = Location.objects.create(slug="berlin", name="Berlin")
    floor = Location.objects.create(slug="berlin-3", name="Floor 3", parent=berlin)
    inside, outside = _asker("inside"), _asker("outside")
    User.objects.filter(pk=inside.pk).update(location=floor)
    item = a_live_item(entitlements=[{"token": "location:berlin", "allow": True}])
    assert queries.is_offered(item, _actor(User.objects.get(pk=inside.pk)))
    assert not queries.is_offered(item, _actor(outside))
    assert queries.person_of(inside.pk).location == "Floor 3"
    with pytest.raises(InvalidInput):
        edited(item, entitlements=[{"token": "location:rome", "allow": True}])


def test_words_about_a_person_follow_a_merge_of_two_accounts() -> None:
    old, new = _asker("old"), _asker("new")
    item = a_live_item(entitlements=[{"token": f"user:{old.pk}", "allow": False}])
    assert operations.words_of_person(old) == 1
    assert operations.words_follow(old, new, Actor.system("tests")) == 1
    assert CatalogItem.objects.get(pk=item.pk).entitled == [f"-user:{new.pk}"]
    assert not queries.is_offered(item, _actor(new))


def test_for_somebody_else_their_own_entitlement_counts() -> None:
    served, manager = _asker("served"), _asker("boss", ("manager",))
    item = a_live_item(entitlements=[{"token": "role:manager", "allow": True}])
    assert queries.offered_by_slug(_actor(manager), item.slug) == item
    with pytest.raises(NotFound):
        queries.offered_by_slug(_actor(manager), item.slug, served)


@pytest.mark.parametrize("odd", ["team:999999", "user:999999", "team:x", "role:king", "", "all team:1"])
def test_words_that_mean_nobody_are_refused(odd: str) -> None:
    with pytest.raises(InvalidInput):
        an_item(entitlements=[{"token": odd, "allow": True}])


def test_what_is_not_offered_is_not_there_on_any_door(api: Any, requester: User) -> None:
    hidden = a_live_item(name="Zebra stripes", entitlements=[{"token": "staff", "allow": True}])
    edited(hidden, summary="Still hidden.")
    caller, page = api(requester), browser(requester)
    for path in ("", "form/", "versions/"):
        told, of_none = (caller.get(f"/api/v1/catalog-items/{slug}/{path}") for slug in (hidden.slug, "no-such-thing"))
        assert told.status_code == of_none.status_code
        assert told.status_code in (403, 404)
        said, of_none_said = (
            {key: str(value).replace(slug, "") for key, value in answer.json().items() if key != "request_id"}
            for answer, slug in ((told, hidden.slug), (of_none, "no-such-thing"))
        )
        assert said == of_none_said
    assert caller.get("/api/v1/catalog-items/").json()["results"] == []
    assert page.get(hidden.get_absolute_url()).status_code == 404
    assert b"Zebra" not in page.get("/catalog/items/?q=zebra").content
    assert queries.search_items(_actor(requester), "zebra") == []
    assert [one.title for one in find(_actor(requester), "zebra").documents] == []
    assert readers.reading(_actor(requester), CatalogItem.kind, hidden.pk) is None


def test_search_finds_for_each_what_is_offered_to_them() -> None:
    asker, other = _asker("asker", team="sales"), _asker("other")
    ours = [{"token": f"team:{a_team('sales').pk}", "allow": True}]
    a_live_item(name="Zebra one", entitlements=ours)
    a_live_item(name="Zebra two", entitlements=[{"token": f"user:{asker.pk}", "allow": False}])
    an_item(name="Zebra draft")
    found = {user.username: {one.title for one in find(_actor(user), "zebra").documents} for user in (asker, other)}
    assert found == {"asker": {"Zebra one"}, "other": {"Zebra two"}}
    assert {one.title for one in find(somebody("agent"), "zebra").documents} == {
        "Zebra one",
        "Zebra two",
        "Zebra draft",
    }


def test_a_bundle_shows_of_its_items_those_that_are_offered(api: Any, requester: User) -> None:
    a_live_item(name="For all")
    a_live_item(name="For few", entitlements=[{"token": "staff", "allow": True}])
    bundle = published(an_item(name="Both", bundle=["for-all", "for-few"]))
    assert api(requester).get(f"/api/v1/catalog-items/{bundle.slug}/").json()["bundle"] == ["for-all"]
    assert [one.slug for one in queries.bundle_for(bundle.text, _actor(requester))] == ["for-all"]
    page = browser(requester).get(bundle.get_absolute_url()).content.decode()
    assert "For all" in page
    assert "For few" not in page


def test_items_are_found_by_name_and_keyword_who_begin_with_it_first() -> None:
    a_live_item(name="Spare battery", keywords=["laptop"])
    a_live_item(name="Laptop", summary="A machine for work")
    assert [one.name for one in queries.search_items(somebody("requester"), "lapt")] == ["Laptop", "Spare battery"]
    assert [one.name for one in queries.search_items(somebody("requester"), "work machine")] == ["Laptop"]
    assert queries.search_items(somebody("requester"), "  ") == []


def test_whom_an_item_is_for_stands_in_its_history() -> None:
    item = edited(
        a_live_item(), entitlements=[{"token": "staff", "allow": True}, {"token": "role:agent", "allow": False}]
    )
    assert item.entitled == ["-role:agent", "staff"]
    told = Entry.objects.filter(record_kind="catalog_item", event="catalog_item.terms_edited").get()
    assert told.changes == {"entitled": [[], ["-role:agent", "staff"]]}
    again = edited(item, entitlements=[{"token": "staff", "allow": True}])
    assert again.version == item.version + 1
