"""Pages of incidents: who sees and does what, what a form keeps, what a page costs."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Service
from incidents.incident import operations, queries
from incidents.incident.workflow import Status
from incidents.models import Incident
from itsm.accounts.models import Team, User
from itsm.work.models import Note
from itsm.work.operations import add_note
from tests.factories.slo import a_service

HTMX = {"HX-Request": "true"}


@pytest.fixture
def incident(requester: User, as_actor: Any) -> Incident:
    shop = Service.objects.create(slug="shop", name="Shop", tier=1)
    return operations.open_incident(actor=as_actor(requester), title="Checkout is slow", service=shop, urgency=3)


def path_of(incident: Incident, *rest: str) -> str:
    return "/".join([f"/incidents/{incident.reference}", *rest, ""])


#   role         record  acknowledge  edit  note
DOORS = [
    ("requester", 200, 403, 403, 302),
    ("agent", 200, 302, 302, 302),
    ("engineer", 200, 302, 302, 302),
    ("approver", 200, 403, 403, 403),
    ("manager", 200, 302, 302, 302),
    ("owner", 200, 302, 302, 302),
    ("auditor", 200, 403, 403, 403),
    ("admin", 200, 302, 302, 302),
]


@pytest.mark.parametrize(("role", "record", "acknowledge", "edit", "note"), DOORS)
def test_doors(
    role: str, record: int, acknowledge: int, edit: int, note: int, incident: Any, person: Any, web: Any
) -> None:
    browser = web(person(role))
    assert browser.get(path_of(incident)).status_code == record
    assert browser.post(path_of(incident, "edit"), {"priority": "2", "version": "1"}).status_code == edit
    assert browser.post(path_of(incident, "note"), {"text": "Seen."}).status_code == note
    assert browser.post(path_of(incident, "acknowledge")).status_code == acknowledge


def test_a_requester_sees_their_own_only(incident: Incident, person: Any, web: Callable[[User], Client]) -> None:
    stranger = web(person("requester", username="somebody-else"))
    assert stranger.get(path_of(incident)).status_code == 404
    assert "Checkout is slow" not in stranger.get("/incidents/?tab=all").content.decode()
    assert stranger.post(path_of(incident, "note"), {"text": "x"}).status_code == 404


def test_private_notes_leave_no_trace_for_requesters(
    incident: Incident, requester: User, agent: User, as_actor: Any, web: Callable[[User], Client]
) -> None:
    add_note(incident, actor=as_actor(agent), text="The customer is difficult", private=True)
    add_note(incident, actor=as_actor(agent), text="We are on it", private=False)
    for path in (path_of(incident), path_of(incident, "events")):
        page = web(requester).get(path).content.decode()
        assert "We are on it" in page
        assert "difficult" not in page
        assert "noted for the team" not in page


def test_ctrl_enter_never_replies_by_accident(incident: Incident, agent: User, requester: User, web: Any) -> None:
    web(agent).post(path_of(incident, "note"), {"text": "for us"})
    web(agent).post(path_of(incident, "note"), {"text": "for you", "reply": "on"})
    web(requester).post(path_of(incident, "note"), {"text": "from me"})
    assert list(Note.objects.values_list("text", "private")) == [
        ("for us", True),
        ("for you", False),
        ("from me", False),
    ]


class TestReporting:
    def test_a_requester_needs_one_sentence(self, requester: User, web: Callable[[User], Client]) -> None:
        answer = web(requester).post("/incidents/new/", {"title": "Printer is dead", "priority": "1", "major": "on"})
        made = Incident.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, made.get_absolute_url())
        assert (made.priority, made.major) == (3, False), "how urgent it is, responders say"

    def test_what_was_typed_is_kept(self, requester: User, web: Callable[[User], Client]) -> None:
        answer = web(requester).post("/incidents/new/", {"title": "", "description": "It smokes."})
        assert answer.status_code == 422
        assert "It smokes." in answer.content.decode()

    def test_a_service_may_be_given_with_the_address(self, incident: Incident, agent: User, web: Any) -> None:
        assert '<option value="shop" selected>' in web(agent).get("/incidents/new/?service=shop").content.decode()


class TestSteps:
    def test_a_step_that_needs_words_asks_for_them(
        self, incident: Incident, agent: User, as_actor: Any, web: Any
    ) -> None:
        operations.acknowledge(incident, actor=as_actor(agent))
        browser = web(agent)
        assert "How was it resolved?" in browser.get(path_of(incident, "resolve")).content.decode()
        assert browser.post(path_of(incident, "resolve"), {"resolution": " "}, headers=HTMX).status_code == 422
        done = browser.post(
            path_of(incident, "resolve"), {"resolution": "Rolled back.", "resolution_code": "solved"}, headers=HTMX
        )
        assert (done.status_code, done["HX-Redirect"]) == (204, incident.get_absolute_url())
        incident.refresh_from_db()
        assert incident.status == Status.RESOLVED

    def test_a_step_that_is_not_open_is_refused(self, incident: Incident, agent: User, web: Any) -> None:
        answer = web(agent).post(path_of(incident, "reopen"), {"reason": "It is back."}, headers=HTMX)
        assert answer.status_code == 409
        assert "It is back." in answer.content.decode()

    def test_there_is_no_other_step(self, incident: Incident, agent: User, web: Callable[[User], Client]) -> None:
        assert web(agent).post(path_of(incident, "explode")).status_code == 404

    def test_only_open_steps_are_offered(self, incident: Incident, agent: User, auditor: User, web: Any) -> None:
        assert "Start work" in web(agent).get(path_of(incident)).content.decode()
        assert "Start work" not in web(auditor).get(path_of(incident)).content.decode()


class TestEditingInPlace:
    def test_the_facts_come_back(self, incident: Incident, agent: User, web: Callable[[User], Client]) -> None:
        sent = {"assigned_to": str(agent.pk), "version": "1"}
        answer = web(agent).post(path_of(incident, "edit"), sent, headers=HTMX)
        assert answer.status_code == 200
        assert answer["HX-Trigger"] == "record-changed"
        incident.refresh_from_db()
        assert (incident.assigned_to, incident.priority) == (agent, 3), "only what was sent has changed"

    def test_a_clash_is_told_and_nothing_is_overwritten(self, incident: Incident, agent: User, web: Any) -> None:
        browser = web(agent)
        browser.post(path_of(incident, "edit"), {"priority": "2", "version": "1"})
        answer = browser.post(path_of(incident, "edit"), {"priority": "4", "version": "1"}, headers=HTMX)
        assert answer.status_code == 412
        assert "Somebody changed this incident while you had it open" in answer.content.decode()
        incident.refresh_from_db()
        assert incident.priority == 2

    @pytest.mark.parametrize("sent", [{"priority": "7"}, {"priority": ""}, {"title": " "}, {"assigned_to": "999999"}])
    def test_odd_values_are_refused(self, sent: dict[str, str], incident: Incident, agent: User, web: Any) -> None:
        answer = web(agent).post(path_of(incident, "edit"), {**sent, "version": "1"}, headers=HTMX)
        assert answer.status_code == 422
        incident.refresh_from_db()
        assert incident.version == 1


@pytest.mark.parametrize("tab", ["open", "mine", "team", "unassigned", "breaching", "all", "nonsense"])
def test_every_queue_opens(tab: str, incident: Incident, agent: User, web: Callable[[User], Client]) -> None:
    page = web(agent).get(f"/incidents/?tab={tab}&text=checkout&priority=3&service=shop").content.decode()
    assert ("Checkout is slow" in page) is (tab not in {"mine", "breaching"}), "all responders work in the triage queue"


def test_what_is_due_first_comes_first(incident: Incident, agent: User, web: Any) -> None:
    assert incident.service is not None
    many(3, agent, incident.service)
    now = timezone.now()
    late, soon = Incident.objects.order_by("pk")[1:3]
    Incident.objects.filter(pk=late.pk).update(next_due=now - timedelta(minutes=12), title="Late one", priority=5)
    Incident.objects.filter(pk=soon.pk).update(next_due=now + timedelta(minutes=34, seconds=30), title="Soon one")
    page = web(agent).get("/incidents/").content.decode()
    assert page.index("Late one") < page.index("Soon one") < page.index("Checkout is slow")
    assert "is-over" in page
    assert "0:34" in page
    breaching = web(agent).get("/incidents/?tab=breaching").content.decode()
    assert breaching.count("data-row=") == 2


@pytest.mark.parametrize("sort", ["due", "newest", "updated", "priority"])
def test_each_order_walks_the_whole_list(sort: str, incident: Incident, agent: User, web: Any) -> None:
    assert incident.service is not None
    many(60, agent, incident.service)
    browser, seen, after = web(agent), list[str](), ""
    for _page in range(2):
        page = browser.get(f"/incidents/?tab=all&sort={sort}{after}").content.decode()
        seen += re.findall(r'data-row="(INC-\d+)"', page)
        after = "&after=" + "".join(re.findall(r"[?&;]after=([^\"&]+)", page)[:1])
    assert len(seen) == len(set(seen)) == 61


def test_what_counts_own_queues_alone_says_so(incident: Incident, agent: User, requester: User, web: Any) -> None:
    page = web(agent).get("/incidents/").content.decode()
    before, own = page.split("My queues:")
    for key in ("team", "unassigned", "breaching"):
        assert re.search(rf'tab={key}" title="[^"]*the queues that you work in', own), key
    assert "tab=mine" in before
    assert "My queues:" not in web(requester).get("/incidents/").content.decode()


def test_the_tabs_are_counted_whatever_the_filter_says(incident: Incident, agent: User, web: Any) -> None:
    assert incident.service is not None
    many(5, agent, incident.service)
    page = web(agent).get("/incidents/?tab=mine&priority=1").content.decode()
    assert re.search(r'Mine <span class="much">5</span>', page)
    assert re.search(r'Unassigned <span class="much">1</span>', page)
    assert "1 of 5" in page


class TestARow:
    def test_comes_back_as_it_is_now(self, incident: Incident, agent: User, web: Any) -> None:
        answer = web(agent).post(path_of(incident, "row"), {"assigned_to": str(agent.pk), "version": "1"})
        assert answer.status_code == 200
        assert f'data-row="{incident.reference}" data-v="2"' in answer.content.decode()
        incident.refresh_from_db()
        assert incident.assigned_to == agent

    def test_says_why_not(self, incident: Incident, agent: User, web: Any) -> None:
        browser = web(agent)
        for sent, status in (({"priority": "2", "version": "9"}, 412), ({"priority": "7", "version": "1"}, 422)):
            answer = browser.post(path_of(incident, "row"), sent)
            assert (answer.status_code, answer["Content-Type"]) == (status, "text/plain; charset=utf-8")
            assert answer.content
        incident.refresh_from_db()
        assert incident.version == 1

    def test_is_gone_once_it_lies_where_one_does_not_see_it(
        self, incident: Incident, agent: User, web: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "for_list", lambda actor, more: Incident.objects.none())
        answer = web(agent).post(path_of(incident, "row"), {"priority": "2", "version": "1"})
        assert (answer.status_code, answer.content) == (204, b"")


def many(count: int, agent: User, service: Service) -> None:
    Incident.objects.bulk_create(
        Incident(
            title="Something with a title of usual length does not work", priority=1 + n % 5, service=service,
            assigned_to=agent, caller=agent, opened_by=agent, opened_at=timezone.now(),
        )
        for n in range(count)
    )  # fmt: skip


def queries_of(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize("path", ["/incidents/", "/incidents/?tab=all", "/", "/incidents/of/shop/", "/search/?q=work"])
def test_lists_cost_the_same_however_long(
    path: str, incident: Incident, agent: User, web: Callable[[User], Client]
) -> None:
    browser = web(agent)
    assert incident.service is not None
    many(1, agent, incident.service)
    before = queries_of(browser, path)
    many(20, agent, incident.service)
    assert queries_of(browser, path) == before <= (13 if path.startswith("/incidents/") else 18)


def test_the_record_costs_the_same_however_long_its_story(
    incident: Incident, agent: User, as_actor: Any, web: Any
) -> None:
    browser, actor = web(agent), as_actor(agent)
    incident = operations.edit(incident, actor=actor, version=1, assigned_to=agent)
    add_note(incident, actor=actor, text="first")
    before = queries_of(browser, path_of(incident))
    for n in range(10):
        add_note(incident, actor=actor, text=str(n))
        incident = operations.edit(incident, actor=actor, version=incident.version, priority=2 + n % 2)
    assert queries_of(browser, path_of(incident)) == before <= 17  # one of them asks which fields there are


def test_fifty_rows_weigh_less_than_60_kb(incident: Incident, agent: User, web: Callable[[User], Client]) -> None:
    assert incident.service is not None
    many(60, agent, incident.service)
    Team.objects.bulk_create(
        Team(slug=f"queue-{n}", name=f"Queue {n} of a large desk", takes_work=True) for n in range(40)
    )
    Incident.objects.update(next_due=timezone.now() + timedelta(hours=30), team=Team.objects.get(slug="queue-39"))
    answer = web(agent).get("/incidents/")
    assert answer.content.count(b"data-row=") == 50
    assert answer.content.count(b'data-left="2') == 50
    assert len(answer.content) < 60_000, len(answer.content)


def test_the_boxes_of_the_list_are_filled_from_one_address(web: Any, agent: User, requester: User) -> None:
    service = a_service(slug="checkout", name="Checkout")
    queue = Team.objects.create(slug="network", name="Network and telephones of all houses", takes_work=True)
    offered = web(agent).get("/incidents/choices/").json()
    assert [service.slug, service.name] in offered["services"]
    assert str(agent.pk) in [value for value, _name in offered["people"]]
    assert [str(queue.pk), queue.name] in offered["queues"]
    asked = web(requester).get("/incidents/choices/").json()
    assert asked["people"] == asked["queues"] == []
