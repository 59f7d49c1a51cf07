"""Who sees a service, and what of it: outside of those who work here name, description, state and offerings, no more."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Service
from catalog.services import operations, queries
from catalog.services.queries import states
from catalog.services.vocabulary import ServiceState
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts import audiences
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput
from itsm.search.finding import find
from tests.factories.catalog import relies_on

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)
API = "/api/v1/services/"


@pytest.fixture
def asks(person: Any) -> User:
    """Who does not work here."""
    found: User = person("requester")
    return found


def make(slug: str = "shop", *audience: str, **fields: Any) -> Service:
    return operations.create_service(
        actor=SYSTEM, slug=slug, name=slug.title(), tier=1, audience=audience or ("all",), **fields
    )


def test_a_requester_reads_name_description_state_and_offerings(asks: User, payments: Team, api: Any, web: Any) -> None:
    boss = accounts.add_user(actor=SYSTEM, username="zyxwvut-boss", roles=["owner"])
    bank = make("zyxwvut-bank", "staff")
    make(team=payments, owner=boss, description="Sells.", depends_on=[{"any_of": [bank], "needs": 1}])
    answer = api(asks).get(f"{API}shop/")
    assert answer.json() == {
        "slug": "shop", "name": "Shop", "description": "Sells.", "state": "up", "offerings": [],
    }  # fmt: skip
    assert "ETag" not in answer
    page = web(asks).get("/services/shop/").content.decode()
    assert "Works, as far as is known" in page
    assert "Sells." in page
    for hidden in ("zyxwvut", "Payments", "Tier", "data-graph", "epends on"):
        assert hidden not in page, hidden
    assert web(asks).get("/services/shop/graph/").status_code == 403


def test_a_requester_filters_by_nothing_that_is_not_shown(asks: User, payments: Team, api: Any, web: Any) -> None:
    make(team=payments)
    for asked in ("team=payments", "tier=1", "service_type=technical"):
        assert api(asks).get(f"{API}?{asked}").status_code == 400, asked
    assert [one["slug"] for one in api(asks).get(f"{API}?text=sho").json()["results"]] == ["shop"]
    browser = web(asks)
    assert "Shop" in browser.get("/services/?team=nobody&tier=4").content.decode()
    assert "No service fits" in browser.get("/services/?text=nothing").content.decode()


def test_what_is_not_for_a_reader_answers_as_what_is_not_there(asks: User, agent: User, api: Any, web: Any) -> None:
    make("shop")
    make("inner", "staff")
    client, browser = api(asks), web(asks)
    assert [one["slug"] for one in client.get(API).json()["results"]] == ["shop"]
    hidden, absent = client.get(f"{API}inner/"), client.get(f"{API}nothing/")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
    for part in ("", "graph/", "edit/"):
        path = f"/services/%s/{part}"
        assert browser.get(path % "inner").status_code == browser.get(path % "nothing").status_code, part
    for part in ("incidents/of", "slos/of", "changes/of"):
        assert browser.get(f"/{part}/inner/").status_code == browser.get(f"/{part}/nothing/").status_code
    assert "Inner" not in browser.get("/services/").content.decode()
    sent = [
        client.post("/api/v1/incidents/", {"title": "It fails", "service": slug}, format="json")
        for slug in ("inner", "nix")
    ]
    assert [one.status_code for one in sent] == [400, 400]
    assert sent[0].json()["detail"].replace("inner", "nix") == sent[1].json()["detail"]
    assert api(agent).get(f"{API}inner/").json()["audience"] == ["staff"]


def test_a_team_of_an_audience_sees_it_and_follows_a_merge(asks: User, payments: Team, api: Any) -> None:
    make("till", f"team:{payments.pk}", support_team=payments)
    assert api(asks).get(f"{API}till/").status_code == 404
    shops = accounts.add_team(actor=SYSTEM, slug="shops", name="Shops", members={asks: False})
    assert operations.services_follow(payments, shops, SYSTEM) == 1
    till = Service.objects.get()
    assert (till.audience, till.support_team, till.team) == ([f"team:{shops.pk}"], shops, None)
    assert api(asks).get(f"{API}till/").status_code == 200
    assert [duty.reference for duty in queries.supported_by(shops)] == ["till"]


def test_search_finds_a_service_for_its_audience(asks: User, agent: User) -> None:
    make("inner-ledger", "staff")
    make("shop")
    titles = {
        who.username: {
            one.title for word in ("ledger", "shop") for one in find(actor_for(who, Door.WEB), word).documents
        }
        for who in (asks, agent)
    }
    assert titles == {"requester": {"Shop"}, "agent": {"Shop", "Inner-Ledger"}}


def test_an_audience_that_cannot_be_meant_is_refused(manager: User, api: Any) -> None:
    make()
    client = api(manager)
    odd: list[Any] = [
        [],
        ["nobody"],
        ["team:nowhere"],
        ["team:1"],
        "all",
        [1],
        {"all": 1},
        ["all"] * 31,
        ["team:"],
        [None],
    ]
    for sent in odd:
        answer = client.patch(f"{API}shop/", {"audience": sent}, format="json", HTTP_IF_MATCH='"1"')
        assert answer.status_code == 400, sent
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/audience"], sent


def test_an_audience_is_kept_in_one_spelling(payments: Team) -> None:
    token = f"team:{payments.pk}"
    cases = [
        (["staff", "all"], ["all"]), (["staff", token, token], [token]), (["staff"], ["staff"]), ([token], [token]),
    ]  # fmt: skip
    assert [audiences.normal(said) for said, _kept in cases] == [kept for _said, kept in cases]
    with pytest.raises(InvalidInput):
        audiences.normal([f"team:{payments.pk + 1000}"])
    service = make()
    for odd in ([], ["nobody"], ["team:0"], ["ALL"]):
        with pytest.raises(IntegrityError), transaction.atomic():
            Service.objects.filter(pk=service.pk).update(audience=odd)


def test_a_record_at_a_hidden_service_names_none_to_its_caller(asks: User, agent: User, api: Any, web: Any) -> None:
    inner = make("zyxwvut", "staff")
    told = incidents.open_incident(actor=actor_for(agent, Door.WEB), title="It hangs", service=inner, caller=asks)
    for path in (f"/api/v1/incidents/{told.reference}/", "/api/v1/incidents/", "/api/v1/incidents.csv"):
        answer = api(asks).get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"It hangs" in body, path
        assert b"yxwvut" not in body, path
    for path in (told.get_absolute_url(), "/incidents/?tab=all", "/", "/incidents/of/zyxwvut/"):
        assert "yxwvut" not in web(asks).get(path).content.decode().replace(path, ""), path
    assert "Zyxwvut" in web(agent).get(told.get_absolute_url()).content.decode()


def taken(service: Service, *, priority: int = 1, team: Team | None = None) -> Incident:
    """An incident that somebody works on."""
    opened = incidents.open_incident(actor=SYSTEM, title="It fails", service=service, priority=priority, team=team)
    return incidents.acknowledge(opened, actor=SYSTEM)


def test_a_service_is_as_bad_as_what_people_know_and_as_what_it_rests_on() -> None:
    shop, bank, till, disk, spare = (make(slug) for slug in ("shop", "bank", "till", "disk", "spare"))
    relies_on(shop, bank)
    relies_on(till, disk, spare)
    assert states.troubled(timezone.now()) == {}
    taken(bank, priority=2)
    assert states.troubled(timezone.now()) == {bank.pk: ServiceState.DEGRADED, shop.pk: ServiceState.DEGRADED}
    taken(bank)
    taken(disk)
    now = states.troubled(timezone.now())
    down, degraded = ServiceState.DOWN, ServiceState.DEGRADED
    assert now == {bank.pk: down, shop.pk: down, disk.pk: down, till.pk: degraded}
    taken(spare)
    assert states.troubled(timezone.now())[till.pk] == ServiceState.DOWN


def test_nobody_makes_a_service_look_down_by_reporting_and_a_confidential_record_does_not_show(
    asks: User, payments: Team
) -> None:
    shop = make()
    incidents.open_incident(actor=actor_for(asks, Door.WEB), title="All is broken", service=shop, urgency=1)
    hidden = accounts.edit_queue(payments, actor=SYSTEM, version=1, takes_work=True, confidential=True)
    taken(shop, team=hidden)
    taken(shop, priority=3)
    assert states.troubled(timezone.now()) == {}


def test_work_goes_to_who_supports_a_service_before_its_owners(payments: Team) -> None:
    owners = accounts.edit_queue(payments, actor=SYSTEM, version=1, takes_work=True)
    line = accounts.add_team(actor=SYSTEM, slug="line", name="First line")
    shop = make(team=owners, support_team=line)
    assert incidents.open_incident(actor=SYSTEM, title="It fails", service=shop).team == owners
    accounts.edit_queue(line, actor=SYSTEM, version=line.version, takes_work=True)
    shop.refresh_from_db()
    assert incidents.open_incident(actor=SYSTEM, title="It fails", service=shop).team.slug == "line"


def test_lists_cost_a_requester_the_same_however_long(asks: User, api: Any, web: Any) -> None:
    def asked(client: Any, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    make("s0")
    client, browser = api(asks), web(asks)
    before = asked(client, API), asked(browser, "/services/"), asked(browser, "/services/s0/")
    for number in range(1, 12):
        make(f"s{number}")
    assert (asked(client, API), asked(browser, "/services/"), asked(browser, "/services/s0/")) == before
