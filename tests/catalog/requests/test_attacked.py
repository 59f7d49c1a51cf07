"""What somebody would try who wants more than is theirs: by the change of a task, by a merge, by odd words."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.requests import operations
from changes.change import permissions
from changes.models import Change, ChangeModel
from itsm.accounts import interest
from itsm.accounts.models import Team
from itsm.accounts.operations import edit_person, merge_people
from itsm.audit.models import Entry
from itsm.kernel.errors import NotPermitted
from itsm.satisfaction import links
from itsm.satisfaction.models import Survey
from itsm.work.models import Task
from tests.factories.changes import a_measured_service, a_model
from tests.factories.requests import a_request, an_item, asks, item_of, question, task
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(agent: Any, as_actor: Any) -> Any:
    team = Team.objects.get_or_create(slug="support", defaults={"name": "Support", "takes_work": True})[0]
    team.members.add(agent)
    return as_actor(agent)


@pytest.fixture
def model(owner: Any, as_actor: Any) -> ChangeModel:
    now = timezone.now()
    return a_model(a_measured_service(slug="firewall", at=now), as_actor(owner), at=now)


@pytest.fixture
def port(model: ChangeModel) -> Any:
    return an_item("port", tasks=[task("open", kind="change", change_model=model.slug)])


def test_who_asked_and_who_gets_it_have_the_interest_in_its_change(
    port: Any, desk: Any, agent: Any, requester: Any, as_actor: Any
) -> None:
    a_request(desk, port, requested_for=requester)
    change = Change.objects.get()
    assert change.requested_by_id not in {agent.pk, requester.pk}
    for one in (agent, requester):
        with pytest.raises(NotPermitted, match=change.reference):
            interest.require_no_interest(as_actor(one), [change.service_id], doing="lift a guard")


def test_who_gets_it_approves_no_change_for_it(
    port: Any, desk: Any, engineer: Any, approver: Any, as_actor: Any
) -> None:
    a_request(as_actor(engineer), port, requested_for=approver)
    change = Change.objects.get()
    assert change.requested_by == engineer
    assert approver.pk in change.interested
    assert not permissions.authorities(as_actor(approver), change)


def test_who_was_merged_is_no_second_person_for_their_change(
    port: Any, desk: Any, engineer: Any, person: Any, as_actor: Any
) -> None:
    a_request(as_actor(engineer), port)
    other = person("approver", username="other")
    merge_people(engineer, into=other, actor=as_actor(person("admin", username="root")))
    change = Change.objects.get()
    assert not permissions.had_no_part(as_actor(other), change)
    with pytest.raises(NotPermitted, match=change.reference):
        interest.require_no_interest(as_actor(other), [change.service_id], doing="lift a guard")


def test_a_manager_whom_they_named_themselves_is_no_second_person(person: Any, desk: Any, as_actor: Any) -> None:
    root, friend = person("admin", username="root"), person("requester", username="friend")
    type(root).objects.update(created_at=timezone.now() - timedelta(days=60))
    edit_person(root, actor=as_actor(root), version=None, version_required=False, manager=friend)
    root.refresh_from_db()
    request = a_request(as_actor(root), an_item("gold", steps=[asks({"who": "manager"})]))
    with pytest.raises(NotPermitted, match="Four eyes"):
        operations.decide(item_of(request), actor=as_actor(friend), decision="approve")


def test_words_for_few_stand_in_no_task_and_no_change(
    model: ChangeModel, desk: Any, requester: Any, person: Any, as_actor: Any
) -> None:
    item = an_item(
        "port",
        questions=[question("why", audience="confidential")],
        tasks=[
            task("look", title="Look at {{why}}"),
            task("open", kind="change", change_model=model.slug, values={"title": "Open {{why}}", "plan": "{{why}}"}),
        ],
    )
    a_request(as_actor(requester), item, answers={"why": "pregnancy"})
    assert "pregnancy" not in " ".join(Task.objects.values_list("title", flat=True))
    change = Change.objects.get()
    assert "pregnancy" not in change.summary + change.plan
    assert not [one for one in Entry.objects.all() if "pregnancy" in str(one.changes)]


@each_of("days", ["03660000000000", "0366999999", "36699999999999999", "0", "x", "-1", "٣"])
def test_odd_days_are_refused_in_words(days: str, agent: Any, api: Any) -> None:
    assert api(agent).get("/api/v1/requests/report/", {"days": days}).status_code in {200, 400}


def test_words_that_no_database_keeps_are_refused_beside_an_answer(client: Any, desk: Any) -> None:
    now = timezone.now()
    survey = Survey.objects.create(
        record_kind="request", record_id=1, team=Team.objects.get(slug="support"), asked_at=now,
        expires_at=now + timedelta(days=1), score="good", answered_at=now,
    )  # fmt: skip
    link = f"/feedback/{links.token_of(survey)}/comment/"
    for text in ("good\0bye", "x" * 5000):
        assert client.post(link, {"text": text}).status_code == 400, text[:9]


def test_odd_words_on_the_page_of_an_item_are_refused_there(requester: Any, web: Any) -> None:
    an_item("laptop", questions=[question("what", required=True)], asks_cost_centre=True)
    for said in (
        {"cost_centre": "a\0b"},
        {"cost_centre": "a", "answers.what": "a\0b"},
        {"quantity": "9" * 400},
        {"answers.wh\0at": "x", "cost_centre": "d"},
    ):
        got = web(requester).post("/portal/ask/laptop/", {"quantity": "1", "answers.what": "x", **said})
        assert got.status_code in {400, 422}, said


def test_a_form_tells_others_nothing_of_what_is_asked_of_staff(requester: Any, api: Any, web: Any) -> None:
    an_item(
        "laptop",
        questions=[
            question("canary_key", audience="staff"),
            question(
                "seen",
                show_when={
                    "any": [
                        {"field": "canary_key", "op": "is", "value": "canary_value"},
                        {"field": "canary_key", "op": "empty"},
                    ]
                },
            ),
            question("never", show_when={"all": [{"field": "canary_key", "op": "is", "value": "canary_value"}]}),
            question(
                "after", show_when={"any": [{"field": "never", "op": "filled"}, {"field": "seen", "op": "filled"}]}
            ),
        ],
    )
    told = api(requester).get("/api/v1/catalog-items/laptop/form/")
    assert told.status_code == 200
    assert [one["key"] for one in told.json()["sections"][0]["questions"]] == ["seen", "after"]
    for text in (told.content.decode(), web(requester).get("/portal/ask/laptop/").content.decode()):
        assert "canary" not in text
        assert "never" not in text


def test_no_answer_is_an_answer_that_the_contract_knows(requester: Any, api: Any) -> None:
    an_item("laptop", questions=[question("port", type="whole")])
    sent = {"items": [{"item": "laptop", "answers": {"port": None}}]}
    assert api(requester).post("/api/v1/requests/", sent, format="json").status_code == 201


def test_who_only_asks_learns_no_queue_by_narrowing_the_list(
    requester: Any, agent: Any, api: Any, as_actor: Any
) -> None:
    a_request(as_actor(requester), an_item("laptop"))
    for one, seen in ((requester, 0), (agent, 1)):
        assert len(api(one).get("/api/v1/requests/", {"team": "support"}).json()["results"]) == seen
