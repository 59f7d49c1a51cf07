"""Allowances over REST and as pages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from changes.allowances.operations.entering import enter
from changes.allowances.queries.spending import Went, mondays, spent
from changes.allowances.vocabulary import What
from changes.models import Allowance
from tests.factories.allowances import acting, an_agent, given
from tests.factories.changes import a_measured_service, a_model, ask
from tests.statements import statements
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(payments):
    return a_measured_service(at=timezone.now(), team=payments, slug="checkout", name="Checkout")


@pytest.fixture
def agent(engineer):
    return an_agent(engineer)


def test_rest_gives_changes_and_takes_back(service, agent, api, manager, auditor):
    client = api(manager)
    body = {"service": "checkout", "agent": "coding-agent", "share": "0.2", "reason": "Its first weeks"}
    made = client.post("/api/v1/allowances/", body, format="json")
    assert (made.status_code, made.json()["left"], made.json()["team"]) == (201, "0.200000", None)
    path = made["Location"].partition("/api")[2]
    assert client.patch(f"/api{path}", {"share": "0.1"}, format="json").status_code == 428
    changed = client.patch(f"/api{path}", {"share": "0.1"}, format="json", headers={"If-Match": made["ETag"]})
    assert (changed.status_code, changed.json()["share"]) == (200, "0.100000")
    ended = client.post(f"/api{path}take-back/", {}, format="json", headers={"If-Match": changed["ETag"]})
    assert (ended.status_code, ended.json()["ended_by"]) == (200, "manager")
    rows = api(auditor).get(f"/api{path}entries/").json()["results"]
    assert [(one["what"], one["amount"], one["reason"], one["by"]) for one in rows] == [
        ("taken_back", "-0.100000000", "", "manager"),
        ("changed", "-0.100000000", "", "manager"),
        ("given", "0.200000000", "Its first weeks", "manager"),
    ]


def test_rest_lists_what_is_asked_for(service, agent, payments, api, auditor, managing):
    given(service, agent, managing, "0.2")
    given(a_measured_service(slug="ledger"), payments, managing, "0.2")

    def found(asked):
        return [one["service"] for one in api(auditor).get(f"/api/v1/allowances/?{asked}").json()["results"]]

    assert found("service=ledger") == found("team=payments") == ["ledger"]
    assert found("agent=coding-agent") == ["checkout"]
    assert sorted(found("standing=true")) == ["checkout", "ledger"]
    assert found("standing=false") == []
    assert api(auditor).get("/api/v1/allowances/?holder=x").status_code == 400


@each_of(
    ("body", "pointer"),
    [
        ({"share": "0"}, "/share"),
        ({"share": "1.1"}, "/share"),
        ({"share": "0.0000001"}, "/share"),
        ({"share": "NaN"}, "/share"),
        ({"agent": "nobody"}, "/agent"),
        ({"agent": "engineer"}, "/agent"),
        ({"agent": None}, "/agent"),
        ({"team": "payments"}, "/agent"),
        ({"service": "nothing"}, "/service"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(service, agent, api, manager, body, pointer):
    sent = {"service": "checkout", "agent": "coding-agent", "share": "0.2"} | body
    answer = api(manager).post("/api/v1/allowances/", sent, format="json")
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (400, [pointer])


def test_the_page_teaches_while_there_is_nothing_and_gives_the_first(service, agent, web, manager):
    client = web(manager)
    assert "No allowances yet" in client.get("/allowances/").content.decode()
    part = client.get("/allowances/of/checkout/").content.decode()
    assert "/allowances/?service=checkout" in part
    words = {"service": "checkout", "agent": "coding-agent", "percent": "12.5"}
    assert client.post("/allowances/", words | {"percent": "101"}).status_code == 422
    assert client.post("/allowances/", words).status_code == 302
    found = Allowance.objects.get()
    assert found.share == Decimal("0.125")
    for address in ("/allowances/", found.get_absolute_url(), "/allowances/of/checkout/"):
        page = client.get(address).content.decode()
        assert "coding-agent" in page
        assert "12.5" in page
    again = client.post("/allowances/", words)
    assert (again.status_code, "already" in again.content.decode()) == (409, True)


def test_an_agents_own_page_shows_its_shares_or_whom_to_ask_for_one(
    service, agent, web, engineer, manager, managing, requester
):
    address = f"/allowances/of-agent/{agent.username}/"
    assert f'hx-get="{address}"' in web(engineer).get(f"/agents/{agent.username}/").content.decode()
    assert "You cannot give your own agent one" in web(engineer).get(address).content.decode()
    assert f"/allowances/?agent={agent.username}" in web(manager).get(address).content.decode()
    given(service, agent, managing, "0.125")
    assert "12.5" in web(engineer).get(address).content.decode()
    assert web(requester).get(address).status_code == 403
    assert web(manager).get("/allowances/of-agent/manager/").status_code == 404


def test_its_page_changes_and_ends_it(service, agent, web, manager, managing, auditor):
    found = given(service, agent, managing, "0.2")
    client, address = web(manager), found.get_absolute_url()
    assert client.post(address, {"percent": "10", "version": "7"}).status_code == 412
    assert client.post(address, {"percent": "10", "version": found.version}).status_code == 302
    assert "Change the share" not in web(auditor).get(address).content.decode()
    sent = {"version": found.version + 1, "reason": "It is retired"}
    assert client.post(f"{address}take-back/", sent).status_code == 302
    page = client.get(address).content.decode()
    assert "It is retired" in page
    assert "Change the share" not in page
    assert "Taken back" in client.get("/allowances/").content.decode()


def test_who_spent_what_is_told_by_how_the_runs_went(service, agent, managing):
    now = timezone.now()
    allowance, cent = given(service, agent, managing, "0.2", at=now), Decimal("0.01")
    went = {
        "CHG-1": [What.REFILLED, What.RETURNED],
        "CHG-2": [What.SHRUNK, What.RETURNED],
        "CHG-3": [What.RETURNED],
        "CHG-4": [],
        "CHG-5": [What.REFILLED, What.RETURNED, What.SHRUNK],  # told otherwise since
        "CHG-6": [What.RETURNED, What.DRAWN, What.REFILLED, What.RETURNED],  # let go a second time
    }
    for change, words in went.items():
        for what in (What.DRAWN, *words):
            run = 1 if what in (What.REFILLED, What.SHRUNK) else None
            enter(allowance, what, cent, at=now, change=change, run=run)
    enter(allowance, What.DRAWN, cent, at=mondays(now)[0] - timedelta(seconds=1), change="CHG-0")  # long ago
    told = spent([allowance], now)[allowance.pk]
    assert told.totals == {
        Went.VERIFIED: 2 * cent, Went.FAILED: 2 * cent, Went.UNUSED: 2 * cent, Went.IN_FLIGHT: cent,
    }  # fmt: skip
    assert list(told.weeks) == mondays(now)
    assert told.weeks[mondays(now)[-1]] == told.totals
    assert (told.drawn, told.lost, told.at_stake) == (7 * cent, 2 * cent, cent)


def test_the_pictures_show_what_was_drawn(service, agent, owning, managing, web, auditor):
    a_model(service, owning, at=timezone.now(), rollback_tested=True)
    given(service, agent, managing, "0.2")
    ask(service, acting(agent), at=timezone.now(), change_class="standard")
    page = web(auditor).get("/allowances/").content.decode()
    assert page.count('<rect class="is-in_flight" x=') == 1
    assert "2.0" in page


def test_many_allowances_cost_as_many_statements_as_one(service, agent, payments, managing, web, manager):
    given(service, agent, managing, "0.05")
    client = web(manager)
    first = statements(client, "/allowances/")
    for number in range(5):
        given(a_measured_service(slug=f"ledger-{number}", team=payments), agent, managing, "0.05")
    assert statements(client, "/allowances/") == first <= 25
