"""Tasks, watchers and links: what stands in the way, who reads along, and what is never named."""

from collections.abc import Callable
from typing import Any

import pytest

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.work import linking, tasks
from itsm.work.models import Link, Task
from itsm.work.watching import watchers_of
from tests.incidents.incident.test_family import SOLVED, states, under
from tests.incidents.incident.test_queues import a_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(agent: User, as_actor: Any) -> Actor:
    return as_actor(agent)


@pytest.fixture
def opened(desk: Actor) -> Callable[..., Incident]:
    return lambda title="Cannot print", **more: operations.open_incident(actor=desk, title=title, **more)


@pytest.fixture
def hilda(person: Any) -> User:
    return person("agent", username="hilda")


@pytest.fixture
def secret(hilda: User, as_actor: Any) -> Incident:
    staff = a_queue("staff", hilda, confidential=True)
    return operations.open_incident(actor=as_actor(hilda), title="Warning letter", team=staff)


class TestTasks:
    def test_an_open_mandatory_one_stands_in_the_way_of_resolving(self, opened: Any, desk: Actor) -> None:
        incident = opened()
        must = operations.add_task(incident, actor=desk, title="Tell the caller", mandatory=True)
        operations.add_task(incident, actor=desk, title="Order toner")
        with pytest.raises(MissingInformation) as refused:
            operations.resolve(incident, actor=desk, **SOLVED)
        assert refused.value.extra["missing"] == ["Still to do: Tell the caller."]
        done = operations.edit_task(incident, must, actor=desk, done=True)
        assert (done.done_by_id, done.done_at is not None) == (desk.id, True)
        operations.resolve(incident, actor=desk, **SOLVED)
        with pytest.raises(WrongState, match="is over"):
            operations.edit_task(incident, must, actor=desk, done=False)

    def test_of_three_children_one_with_a_mandatory_task_stops_the_parent_unless_it_may_stay_open(
        self, opened: Any, desk: Actor
    ) -> None:
        parent, *three = opened(), opened(), opened(), opened()
        under(parent, *three, desk=desk)
        operations.add_task(three[1], actor=desk, title="Count the pages", mandatory=True)
        with pytest.raises(MissingInformation) as refused:
            operations.resolve(parent, actor=desk, **SOLVED)
        assert refused.value.extra["missing"] == [f"{three[1].reference}: Still to do: Count the pages."]
        assert states(parent, *three) == ["new"] * 4
        operations.resolve(parent, actor=desk, leave_blocked=True, **SOLVED)
        assert states(parent, *three) == ["resolved", "resolved", "new", "resolved"]

    def test_what_comes_after_waits_and_is_freed_when_its_forerunner_goes(self, opened: Any, desk: Actor) -> None:
        incident = opened()
        first, second = (operations.add_task(incident, actor=desk, title=title) for title in ("One", "Two"))
        Task.objects.filter(pk=second.pk).update(after=[first.pk])
        with pytest.raises(Conflict, match="come before Two"):
            operations.edit_task(incident, second, actor=desk, done=True)
        operations.remove_task(incident, first, actor=desk)
        assert operations.edit_task(incident, second, actor=desk, done=True).done_at is not None

    def test_there_are_a_hundred_at_most(self, opened: Any, desk: Actor, monkeypatch: Any) -> None:
        monkeypatch.setattr(tasks, "MAX_TASKS", 2)
        incident = opened()
        for _ in range(2):
            operations.add_task(incident, actor=desk, title="x")
        with pytest.raises(Conflict, match="at most 2"):
            operations.add_task(incident, actor=desk, title="x")

    def test_one_goes_only_to_who_can_read_the_record(
        self, secret: Incident, hilda: User, agent: User, as_actor: Any, opened: Any, person: Any
    ) -> None:
        network = a_queue("network", person("engineer", username="nina"))
        for fields in ({"team": network}, {"assigned_to": agent}):
            with pytest.raises(InvalidInput):
                operations.add_task(secret, actor=as_actor(hilda), title="x", **fields)
        with pytest.raises(InvalidInput):
            operations.add_task(opened(), actor=as_actor(agent), title="x", team=secret.team)
        with pytest.raises(InvalidInput):
            operations.add_task(opened(), actor=as_actor(agent), title=" ")

    def test_what_is_open_goes_along_in_a_merge(self, opened: Any, desk: Actor) -> None:
        first, second = opened(), opened()
        operations.add_task(first, actor=desk, title="One")
        operations.add_task(second, actor=desk, title="Two")
        operations.merge(second, actor=desk, into=first.reference)
        assert [(one.title, one.position) for one in tasks.tasks_of(first)] == [("One", 1), ("Two", 2)]

    def test_the_door_of_rest(self, opened: Any, agent: User, api: Any) -> None:
        path = f"/api/v1/incidents/{opened().reference}/tasks/"
        caller = api(agent)
        made = caller.post(
            path, {"title": "Call", "mandatory": True, "team": "triage", "assigned_to": "agent"}, format="json"
        ).json()
        assert (made["position"], made["team"], made["assigned_to"]) == (1, "triage", "agent")
        own = f"{path}{made['id']}/"
        assert caller.patch(own, {"done": True, "title": "Call back"}, format="json").json()["done_by"] == "agent"
        assert [one["title"] for one in caller.get(path).json()] == ["Call back"]
        assert caller.delete(own).status_code == 204
        assert caller.patch(own, {"done": True}, format="json").status_code == 404
        assert caller.post(path, {"title": "x" * 201}, format="json").status_code == 400


class TestWatchers:
    def test_of_a_confidential_record_somebody_else_is_added_only_knowingly(
        self, secret: Incident, hilda: User, agent: User, as_actor: Any
    ) -> None:
        with pytest.raises(MissingInformation, match="Staff is confidential: agent would read"):
            operations.watch(secret, actor=as_actor(hilda), user=agent)
        operations.watch(secret, actor=as_actor(hilda))
        operations.watch(secret, actor=as_actor(hilda), user=agent, share=True)
        assert {one.user for one in watchers_of(secret)} == {hilda, agent}
        with pytest.raises(NotPermitted):
            operations.unwatch(secret, actor=as_actor(agent), user=hilda)
        operations.unwatch(secret, actor=as_actor(agent), user=agent)

    def test_whoever_reads_it_follows_and_only_who_works_on_it_adds_others(
        self, opened: Any, person: Any, as_actor: Any, agent: User, pipeline: User
    ) -> None:
        incident, approver = opened(), person("approver")
        operations.watch(incident, actor=as_actor(approver))
        for actor, user in ((as_actor(approver), agent), (as_actor(pipeline), None)):
            with pytest.raises(NotPermitted):
                operations.watch(incident, actor=actor, user=user)
        with pytest.raises(NotPermitted):
            operations.watch(incident, actor=as_actor(person("requester", username="stranger")))

    def test_the_door_of_rest(self, opened: Any, agent: User, api: Any, person: Any) -> None:
        person("requester", username="bo")
        path, caller = f"/api/v1/incidents/{opened().reference}/watchers/", api(agent)
        assert caller.post(path, {}, format="json").json()["user"] == "agent"
        assert caller.post(path, {"user": "bo"}, format="json").status_code == 201
        assert [one["user"] for one in caller.get(path).json()] == ["agent", "bo"]
        assert caller.delete(f"{path}bo/").status_code == 204
        assert caller.delete(f"{path}bo/").status_code == 404


class TestLinks:
    def test_each_end_says_it_in_its_own_words(self, opened: Any, desk: Actor) -> None:
        one, other = opened(), opened()
        made = operations.connect(one, actor=desk, to=other.reference, relation="caused_by")
        again = operations.connect(other, actor=desk, to=one.reference, relation="caused")
        assert made.id == again.id, "the same arrow"
        arrow = Link.objects.get()
        assert (arrow.from_id, arrow.to_id, arrow.meaning) == (other.pk, one.pk, "caused")
        assert [each.relation for each in linking.linked_to(other, desk)] == ["caused"]
        with pytest.raises(Conflict):
            operations.connect(one, actor=desk, to=one.reference, relation="relates")

    def test_a_hidden_record_is_neither_shown_nor_named(
        self, secret: Incident, hilda: User, opened: Any, desk: Actor, as_actor: Any, web: Any, agent: User
    ) -> None:
        public = opened()
        operations.connect(public, actor=as_actor(hilda), to=secret.reference, relation="relates")
        assert [one.record for one in linking.linked_to(public, as_actor(hilda))] == [secret]
        assert linking.linked_to(public, desk) == []
        assert secret.reference not in str(list(Entry.objects.filter(record_id=public.pk).values_list("changes")))
        assert secret.reference not in web(agent).get(f"{public.get_absolute_url()}together/").content.decode()
        with pytest.raises(InvalidInput):
            operations.connect(public, actor=desk, to=secret.reference, relation="relates")

    def test_caused_by_a_change_is_set_and_taken_away(self, opened: Any, agent: User, api: Any, world: Any) -> None:
        change = world.pending.change.reference
        path, caller = f"/api/v1/incidents/{opened().reference}/links/", api(agent)
        made = caller.post(path, {"to": change.lower(), "relation": "caused_by"}, format="json")
        assert (made.status_code, made.json()["to"]) == (201, change)
        assert [one["relation"] for one in caller.get(path).json()] == ["caused_by"]
        assert caller.post(path, {"to": "CHG-99999", "relation": "caused_by"}, format="json").status_code == 400
        assert caller.delete(f"{path}{made.json()['id']}/").status_code == 204
        assert caller.delete(f"{path}{made.json()['id']}/").status_code == 404


def test_what_was_merged_takes_no_task_watcher_or_link(opened: Any, desk: Actor) -> None:
    first, second = opened(), opened()
    gone = operations.merge(second, actor=desk, into=first.reference)
    for write in (
        lambda: operations.add_task(gone, actor=desk, title="x"),
        lambda: operations.watch(gone, actor=desk),
        lambda: operations.connect(gone, actor=desk, to=first.reference, relation="relates"),
        lambda: operations.set_parent(gone, actor=desk, parent=first.reference),
    ):
        with pytest.raises(Conflict, match="was merged into"):
            write()
