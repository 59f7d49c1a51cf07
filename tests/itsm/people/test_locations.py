"""Where people work: kept by page, REST and file; no place lies in itself; what one may ask for can depend on it."""

from typing import Any

import pytest

from catalog.items.queries import offered
from itsm.accounts import operations as accounts
from itsm.accounts.models import Location, User
from itsm.accounts.operations.importing import import_people
from itsm.accounts.queries.places import lies_in, places_of
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from tests.factories.requests import an_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(admin: User, as_actor: Any) -> Any:
    """norway > oslo > floor-2."""
    found: dict[str, Location] = {}
    for slug, parent in (("norway", None), ("oslo", "norway"), ("floor-2", "oslo")):
        found[slug] = accounts.add_location(
            actor=as_actor(admin), slug=slug, name=slug.title(), parent=found.get(parent or "")
        )
    return found


def test_a_place_lies_in_others_and_none_in_itself(places: Any, admin: User, as_actor: Any) -> None:
    assert lies_in(places["floor-2"].pk) == ["floor-2", "oslo", "norway"]
    with pytest.raises(Conflict, match="lies in itself"):
        accounts.edit_location(places["norway"], actor=as_actor(admin), version=1, parent=places["floor-2"])
    assert lies_in(places["norway"].pk) == ["norway"]


@pytest.mark.parametrize(
    "odd", [{"slug": "Oslo"}, {"slug": "a b"}, {"slug": "x", "time_zone": "Mars/Base"}, {"slug": "x", "name": "\u200b"}]
)
def test_odd_places_are_refused(admin: User, as_actor: Any, odd: Any) -> None:
    with pytest.raises(InvalidInput):
        accounts.add_location(actor=as_actor(admin), **{"name": "X", **odd})


def test_a_retired_place_takes_nobody_new_and_who_is_there_stays(
    places: Any, admin: User, engineer: User, as_actor: Any
) -> None:
    accounts.edit_person(engineer, actor=as_actor(admin), version=1, location=places["oslo"])
    gone = accounts.edit_location(places["oslo"], actor=as_actor(admin), version=1, retired=True)
    with pytest.raises(InvalidInput, match="is retired"):
        accounts.add_user(actor=as_actor(admin), username="new", roles=["requester"], location=gone)
    kept = accounts.edit_person(engineer, actor=as_actor(admin), version=2, location=gone, name="Erin")
    assert (kept.location, kept.name) == (gone, "Erin")
    assert places_of(engineer.pk) == ["oslo", "norway"]


def test_only_who_keeps_people_keeps_places(engineer: User, as_actor: Any) -> None:
    with pytest.raises(NotPermitted):
        accounts.add_location(actor=as_actor(engineer), slug="x", name="X")


def test_an_item_for_a_place_is_offered_to_who_works_in_it_or_within_it(
    places: Any, requester: User, as_actor: Any
) -> None:
    item = an_item()
    item.entitlements.create(token="location:oslo")
    for where, is_offered in (("floor-2", True), ("oslo", True), ("norway", False), (None, False)):
        User.objects.filter(pk=requester.pk).update(location=places.get(where))
        assert offered(as_actor(requester)).exists() is is_offered, where


def test_by_rest_and_by_page(places: Any, api: Any, web: Any, admin: User, engineer: User) -> None:
    made = api(admin).post(
        "/api/v1/locations/", {"slug": "bergen", "name": "Bergen", "parent": "norway"}, format="json"
    )
    assert (made.status_code, made.json()["parent"], made.json()["people"]) == (201, "norway", 0)
    assert api(admin).patch(
        "/api/v1/people/engineer/", {"location": "bergen"}, format="json", HTTP_IF_MATCH='"1"'
    ).json()["location"] == "bergen"  # fmt: skip
    assert [one["login"] for one in api(engineer).get("/api/v1/people/?location=bergen").json()["results"]] == [
        "engineer"
    ]
    assert api(engineer).get("/api/v1/locations/bergen/").json()["people"] == 1
    browser = web(admin)
    assert "Bergen" in browser.get("/people/engineer/").content.decode()
    sent = {"name": "Bergen by the sea", "parent": places["oslo"].pk, "time_zone": "Europe/Oslo", "version": 1}
    assert browser.post("/locations/bergen/", sent).status_code == 302
    stale = browser.post("/locations/bergen/", sent)
    assert stale.status_code in {409, 412, 422}
    assert "Bergen by the sea" in web(engineer).get("/locations/").content.decode()
    assert web(engineer).get("/locations/bergen/").status_code == 403


def test_a_file_names_places_by_slug_or_name(places: Any, admin: User, as_actor: Any) -> None:
    text = "name,email,office\nAda,ada@shop.example,Oslo\nBob,bob@shop.example,floor-2\nCyd,cyd@shop.example,Paris\n"
    tried = import_people(text, actor=as_actor(admin), keep=False)
    assert [one.wrong for one in tried.results] == [[], [], ["There is no location “Paris”."]]
    kept = import_people(text.replace("Paris", ""), actor=as_actor(admin), keep=True)
    assert kept.kept
    assert list(User.objects.filter(email__endswith="shop.example").order_by("email").values_list("location__slug")) == [
        ("oslo",), ("floor-2",), (None,),
    ]  # fmt: skip
    again = import_people("email,location\nada@shop.example,norway\n", actor=as_actor(admin), keep=True)
    assert again.results[0].changes["location"] == ["Oslo", "Norway"]
