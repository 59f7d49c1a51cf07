"""Is it alive, is it ready, how is it doing: without a database, without a broker, and with both."""

import socket
import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from itsm.clocks import heartbeat
from itsm.home import probes
from itsm.home.answered_first import answers_first
from itsm.notifications.models import Delivery
from tests.api.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No answer kept from before, and none for after."""
    probes._kept.clear()
    probes._client.cache_clear()
    yield
    probes._kept.clear()
    probes._client.cache_clear()


def a_closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def without_database(path: str) -> tuple[int, str]:
    """The answer of a thread whose database is gone."""
    said: list[tuple[int, str]] = []

    def ask() -> None:
        mine = connection._connections["default"] if hasattr(connection, "_connections") else connection
        mine.settings_dict = {**mine.settings_dict, "PORT": str(a_closed_port()), "HOST": "127.0.0.1"}
        answer = Client(raise_request_exception=False).get(path)
        said.append((answer.status_code, answer.content.decode()))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return said[0]


def test_it_is_alive_whatever_else_is() -> None:
    assert Client().get("/livez").json() == {"status": "alive"}
    assert without_database("/livez")[0] == 200


def test_it_is_ready_with_its_servers() -> None:
    for name in ("celery", *heartbeat.KEEPERS):
        heartbeat.swept(f"{name}@one")
    answer = Client().get("/readyz")
    lanes = dict.fromkeys(("paging", "intake", "mail", "push", "webhook", "watch"), "ok")
    every = {"status": "ready", "database": "ok", "broker": "ok", "worker": "ok", "lanes": lanes}
    assert (answer.status_code, answer.json()) == (200, every)


def test_before_the_first_sweep_it_is_in_service_and_says_what_it_waits_for() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["worker"]) == (200, "degraded", "no sweep yet")


def test_without_a_database_it_is_not_ready() -> None:
    status, said = without_database("/readyz")
    assert status == 503
    assert '"database": "no answer"' in said


def test_without_a_broker_it_is_degraded_and_stays_in_service(settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{a_closed_port()}/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["broker"]) == (200, "degraded", "no answer")


def test_a_silent_broker_is_no_answer_either(settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        assert Client().get("/readyz").json()["broker"] == "no answer"


def test_pages_and_the_api_say_that_the_database_is_away() -> None:
    status, said = without_database("/api/v1/services/")
    assert status in {401, 503}
    assert "psycopg2" not in said
    assert "127.0.0.1" not in said


def test_probes_answer_any_host_and_only_reading(settings) -> None:
    settings.ALLOWED_HOSTS = ["headroom.example"]
    for path in ("/livez", "/readyz", "/metrics", "/livez/"):
        assert Client().get(path, HTTP_HOST="10.1.2.3").status_code == 200
        assert Client().head(path, HTTP_HOST="headroom.example").status_code == 200
        assert Client().post(path, HTTP_HOST="headroom.example").status_code in {404, 405}


def test_the_measures_can_be_read_by_a_scraper(world: World) -> None:
    Delivery.objects.create(channel="mail", key="k", aggregate="a", payload={})
    answer = Client().get("/metrics")
    assert answer["Content-Type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.content.decode())}
    assert families["headroom_database_up"].samples[0].value == 1
    assert {"headroom_due_overdue", "headroom_budgets", "headroom_gate_verdicts"} <= set(families)
    owed = {sample.labels["channel"]: sample.value for sample in families["headroom_deliveries_owed"].samples}
    assert owed["mail"] >= 1
    incidents = families["headroom_incidents_open"].samples
    assert [(sample.labels, sample.value) for sample in incidents] == [
        ({"priority": "1"}, 1.0),
        ({"priority": "3"}, 2.0),
    ]
    assert all(family.documentation for family in families.values())


def test_the_measures_say_so_when_the_database_is_away() -> None:
    status, text = without_database("/metrics")
    assert status == 200
    assert "headroom_database_up 0.0" in text


def test_probes_are_answered_before_the_desk_is_asked(monkeypatch):
    """Once a second readiness is asked of the desk; whether it is alive never."""
    asked, clock = [], [100.0]

    def desk(environ, start_response):
        asked.append(environ["PATH_INFO"])
        start_response("503 Service Unavailable", [("Content-Type", "application/json")])
        return [b"{}"]

    monkeypatch.setattr("itsm.home.answered_first.time.monotonic", lambda: clock[0])
    first = answers_first(desk)

    def get(path, method="GET"):
        said = []
        body = b"".join(first({"PATH_INFO": path, "REQUEST_METHOD": method}, lambda *words: said.append(words[0])))
        return said[0], body

    assert get("/livez") == ("200 OK", b'{"status": "alive"}')
    assert asked == []
    assert [get("/readyz"), get("/readyz")] == [("503 Service Unavailable", b"{}")] * 2
    assert asked == ["/readyz"]
    clock[0] += 1.1
    get("/readyz")
    get("/services/")
    get("/livez", "POST")
    assert asked == ["/readyz", "/readyz", "/services/", "/livez"]
