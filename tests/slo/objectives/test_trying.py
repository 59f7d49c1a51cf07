"""Before anything is kept: what queries and checks give, how far back, which addresses may not be asked; and slugs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts.models import User
from slo.engine.samples import epoch_minute
from slo.measuring import operations
from slo.measuring.forms.parts import slug_from
from slo.measuring.queries.trying import refusal_of
from slo.models import DataSource, Indicator, Objective
from slo.openslo.operations.applying import apply
from tests.factories.slo import MEASURER, T0, a_service, an_indicator, measured, steady
from tests.itsm.scripted_server import Reply
from tests.slo.objectives.test_page_forms import words
from tests.slo.openslo.samples import a_document, text_of
from tests.slo.played_source import PlayedSource, played_source, refused

pytestmark = pytest.mark.django_db
PRIVATE = "http://10.1.2.3:9090"


@pytest.fixture
def browser(engineer: User, web: Callable[[User], Client]) -> Client:
    a_service(slug="search")
    return web(engineer)


@pytest.fixture
def live(settings: Any) -> Iterator[PlayedSource]:
    with played_source() as source:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{source.script.port}"]
        operations.create_source(actor=MEASURER, slug="live", url=source.url)
        yield source


def pulled(**more: Any) -> dict[str, Any]:
    return words(source="prometheus", data_source="live", good_query="good", total_query="total", **more)


def tried(browser: Client, **more: Any) -> str:
    return " ".join(browser.post("/slos/new/try/", pulled(**more)).content.decode().split())


def test_each_query_says_its_value_and_how_far_back_it_reaches(browser: Client, live: PlayedSource) -> None:
    now = epoch_minute(timezone.now())
    live.figures = {
        "good": lambda minute: 59.5,
        "total": lambda minute: 60 if minute > now - 3 * 1440 else None,
    }
    said = tried(browser)
    assert "gives 59.5 for the minute" in said
    assert "the first pull reaches back over the whole 28 days" in said
    assert "there are values of 3 days only" in said
    assert not Indicator.objects.exists()
    assert "over the whole 14 days" in tried(browser, window_days="14")


def test_what_a_query_cannot_say_is_said_in_the_sources_words(browser: Client, live: PlayedSource) -> None:
    live.figures = {"good": lambda minute: None, "total": lambda minute: None}
    assert "gave nothing, neither now nor in the window" in tried(browser)
    live.faults = lambda query, first, end: refused(400, "parse error: unexpected", "bad_data")
    said = tried(browser)
    assert said.count("parse error: unexpected") == 2
    live.faults = lambda query, first, end: Reply(401, b"who are you")
    asked = len(live.asked)
    assert tried(browser).count("who are you") == 1, "one silence is enough"
    assert len(live.asked) - asked <= 3


def test_a_private_address_is_said_with_the_way_to_allow_it(browser: Client, settings: Any) -> None:
    settings.OUTGOING_ALLOW = []
    said = browser.post(
        "/slos/new/try/", words(source="prometheus", server_url=PRIVATE, good_query="a", total_query="b")
    )
    assert "10.1.2.3:9090 is a private address; an administrator may allow it under Settings" in said.content.decode()


def test_a_check_is_tried_and_nothing_where_nothing_can_be(browser: Client, live: PlayedSource) -> None:
    live.script.answer = lambda asked: Reply(204)
    good = browser.post("/slos/new/try/", words(source="uptime", way="http", url=live.url))
    assert "answers as it should" in good.content.decode()
    bad = browser.post("/slos/new/try/", words(source="uptime", way="http", url=live.url, expected_status="200"))
    assert "It answered 204" in bad.content.decode()
    for said in (words(), words(source="uptime", way="tcp"), words(source="prometheus", good_query="x")):
        assert browser.post("/slos/new/try/", said).content.decode().strip() == ""


def test_without_scripts_the_preview_tries_as_well(browser: Client, live: PlayedSource) -> None:
    live.figures = {"good": lambda minute: 1, "total": lambda minute: 2}
    assert "gives 2 for the minute" in " ".join(browser.post("/slos/new/", pulled(look="1")).content.decode().split())


def test_trying_is_for_authors(web: Callable[[User], Client], auditor: User) -> None:
    assert web(auditor).post("/slos/new/try/", words()).status_code == 403


def said_after(browser: Client, address: str, form: dict[str, Any]) -> list[str]:
    answer = browser.post(address, form)
    assert answer.status_code == 302, answer.content
    return [str(one) for one in get_messages(answer.wsgi_request)][-1:]  # those before are not read yet


def test_saving_says_what_will_not_be_asked_and_how_far_the_first_pull_goes(
    browser: Client, live: PlayedSource, settings: Any
) -> None:
    [said] = said_after(browser, "/slos/new/", pulled(window_days="7"))
    assert said == "Kept. The first pull asks for the last 7 days, as far as the source reaches back."
    settings.OUTGOING_ALLOW = []
    check = words(slug="b", indicator="b", source="uptime", way="tcp", host="10.1.2.3", port="9090")
    [said] = said_after(browser, "/slos/new/", check)
    assert "10.1.2.3:9090 is a private address" in said
    [said] = said_after(
        browser, "/slos/sources/new/", {"name": "The one", "url": PRIVATE, "auth": "none", "lag_minutes": "0"}
    )
    assert said.startswith("Kept, and not asked yet: 10.1.2.3:9090 is a private address")
    source = DataSource.objects.get(slug="the-one")
    edit = {"name": "x", "url": PRIVATE, "auth": "none", "lag_minutes": "0", "version": source.version}
    [said] = said_after(browser, "/slos/sources/the-one/edit/", edit)
    assert said.startswith("Kept, and not asked yet")


def test_the_api_says_it_too(api: Callable[..., APIClient], engineer: User, settings: Any) -> None:
    settings.OUTGOING_ALLOW = []
    client = api(engineer)
    made = client.post("/api/v1/data-sources/", {"slug": "a", "url": PRIVATE}, format="json")
    assert "private address" in made.json()["address_refused"]
    open_one = client.post("/api/v1/data-sources/", {"slug": "b", "url": "https://192.0.2.300.example"}, format="json")
    assert open_one.json()["address_refused"] == ""
    check = {"way": "http", "url": "http://127.0.0.1:1/"}
    made = client.post("/api/v1/slis/", {"slug": "up", "source": "uptime", "check": check}, format="json")
    assert "private address" in made.json()["address_refused"]
    assert client.get("/api/v1/slis/up/").json()["address_refused"] == ""


def test_an_import_says_it_too(settings: Any) -> None:
    settings.OUTGOING_ALLOW = []
    a_service(slug="web")
    source = a_document("DataSource", "prom", spec__connectionDetails={"url": PRIVATE})
    outcome = apply({"f": text_of(source, a_document())}, actor=MEASURER, at=T0)
    assert outcome.written
    [said] = [one for one in outcome.findings if one.rule == "headroom-address-refused"]
    assert (said.path, "private address" in said.message) == ("spec.connectionDetails", True)
    again = apply({"f": text_of(a_document())}, actor=MEASURER, at=T0, source="prom")
    assert [(one.path, one.rule) for one in again.findings] == [("source", "headroom-address-refused")]


def test_only_what_is_certain_to_be_refused_is_called_refused(settings: Any) -> None:
    settings.OUTGOING_ALLOW = ["10.1.2.3:9090"]
    assert refusal_of(PRIVATE) == ""
    assert refusal_of("http://nowhere.invalid:9090") == ""
    assert refusal_of("") == ""
    assert "private" in refusal_of("http://10.1.2.3:9091")


def test_a_slug_is_made_of_the_name(browser: Client) -> None:
    assert browser.post("/slos/new/", words(slug="", name="Büro: Antworten!")).status_code == 302
    assert browser.post("/slos/new/", words(slug="", name="Buro antworten", indicator="another")).status_code == 302
    assert set(Objective.objects.values_list("slug", flat=True)) == {"buro-antworten", "buro-antworten-2"}
    answer = browser.post("/slos/new/", words(slug="", name="検索", indicator="third"))
    assert answer.status_code == 422
    assert "the name has no letters" in answer.content.decode()
    assert 'data-slug-of="id_name"' in browser.get("/slos/new/").content.decode()


def test_a_long_name_and_one_that_is_taken() -> None:
    assert slug_from("x" * 80, lambda slug: False) == "x" * 63
    taken = {"x" * 63}
    numbered = slug_from("x" * 80, lambda slug: slug in taken)
    assert (len(numbered) <= 63, numbered.endswith("-2")) == (True, True)


def test_the_page_of_an_indicator_says_how_far_back_it_reaches(browser: Client) -> None:
    indicator = an_indicator(slug="requests")
    now = timezone.now().replace(second=0, microsecond=0)
    measured(indicator, steady(now, 90), now)
    assert "First minute" in browser.get("/slos/indicators/requests/").content.decode()
