"""Macros on incidents: all or nothing, in the actor's own name, and what texts say to whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm import lifecycle
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, StaleVersion
from itsm.macros import operations
from itsm.macros.models import Macro
from itsm.notifications.models import Notification
from itsm.work.models import Note, Task
from itsm.work.tasks import tasks_of
from tests.incidents.incident.test_queues import a_queue
from tests.itsm.rivals import rivals
from tests.together import each_of

pytestmark = pytest.mark.django_db

REPLY = {
    "kind": "reply",
    "value": "Hello {{ caller.first_name | there }}, {{ record.reference }} is done. {{ me.name }}",
}
SOLVE = {"kind": "step", "value": {"step": "resolve", "resolution_code": "solved", "resolution": "A new drum."}}


@pytest.fixture
def desk(agent: User, as_actor: Any) -> Actor:
    return as_actor(agent)


@pytest.fixture
def network(agent: User) -> Team:
    return a_queue("network", agent)


@pytest.fixture
def ada(person: Any) -> User:
    user: User = person("requester", username="ada")
    User.objects.filter(pk=user.pk).update(name="Ada Lovelace", email="ada@example.net")
    user.refresh_from_db()
    return user


@pytest.fixture
def opened(desk: Actor, ada: User) -> Callable[..., Incident]:
    return lambda **more: incidents.open_incident(actor=desk, **{"title": "Cannot print", "caller": ada, **more})


@pytest.fixture
def macro(desk: Actor) -> Callable[..., Macro]:
    def make(*actions: Any, actor: Actor = desk, **more: Any) -> Macro:
        return operations.create_macro(
            actor=actor, record_kind="incident", name="Printer", actions=list(actions), **more
        )  # fmt: skip

    return make


def entries(incident: Incident) -> list[str]:
    found = Entry.objects.filter(record_kind="incident", record_id=incident.pk)
    return list(found.order_by("id").values_list("event", flat=True))


def test_what_is_allowed_is_done_with_one_entry_one_version_and_one_word_to_the_caller(
    opened: Any, desk: Actor, macro: Any, network: Team, ada: User
) -> None:
    incident = opened()
    made = macro({"kind": "team", "value": "network"}, {"kind": "assignee", "value": "me"}, REPLY, SOLVE)
    done = operations.apply_macro(made, incident, actor=desk, version=incident.version)
    assert (done.team_id, done.assigned_to_id, done.status) == (network.pk, desk.id, "resolved")
    assert entries(incident) == ["incident.created", "incident.resolved"]
    assert done.version == incident.version + 1
    told = Notification.objects.filter(to=ada, record_id=incident.pk)
    assert [one.body.count("is done") + one.body.count("A new drum.") for one in told] == [2]


def test_a_queue_that_one_may_not_see_leaves_all_as_it_was(
    opened: Any, desk: Actor, macro: Any, person: Any, as_actor: Any
) -> None:
    a_queue("staff", person("agent", username="hilda"), confidential=True)
    incident, made = opened(), macro({"kind": "field", "value": {"priority": 1}}, REPLY)
    Macro.objects.filter(pk=made.pk).update(actions=[*made.actions, {"kind": "team", "value": "staff"}])
    before = Incident.objects.filter(pk=incident.pk).values().get()
    with pytest.raises(InvalidInput, match="There is no such queue"):
        operations.apply_macro(made, incident, actor=desk)
    assert Incident.objects.filter(pk=incident.pk).values().get() == before
    assert (entries(incident), Note.objects.count()) == (["incident.created"], 0)
    looked = operations.preview_macro(Macro.objects.get(), incident, actor=desk)
    assert [bool(line.refused) for line in looked.lines] == [False, False, True]


def test_a_caller_whose_name_is_a_placeholder_is_called_just_that_and_one_without_a_name_is_greeted(
    opened: Any, desk: Actor, macro: Any, ada: User
) -> None:
    made = macro({"kind": "reply", "value": "Hello {{ caller.name | there }}"})
    for name, said in (("{{ me.email }}", "Hello {{ me.email }}"), ("", "Hello there")):
        User.objects.filter(pk=ada.pk).update(name=name)
        incident = opened()
        operations.apply_macro(made, incident, actor=desk)
        assert Note.objects.get(record_id=incident.pk).text == said


def test_a_placeholder_that_there_is_not_cannot_be_saved_and_the_list_is_said(agent: User, api: Any) -> None:
    body = {"record_kind": "incident", "name": "x", "actions": [{"kind": "note", "value": "{{ caller.password }}"}]}
    answer = api(agent).post("/api/v1/macros/", body, format="json")
    assert answer.status_code == 400
    assert "caller.first_name" in answer.json()["placeholders"]
    assert not Macro.objects.exists()


def test_a_text_to_the_caller_names_nothing_that_the_caller_may_not_see(
    opened: Any, desk: Actor, macro: Any, agent: User, ada: User
) -> None:
    staff = a_queue("staff", agent, confidential=True)
    other = incidents.open_incident(actor=desk, title="Warning letter", team=staff)
    incident = opened()
    incidents.set_parent(incident, actor=desk, parent=other.reference)
    text = "{{ record.parent | none }}, {{ record.link | none }}, {{ caller.name }}"
    for kind in ("reply", "note"):
        operations.apply_macro(macro({"kind": kind, "value": text}), incident, actor=desk)
        said = Note.objects.filter(record_id=incident.pk).latest("id").text
        assert said.startswith("none, http"), kind  # those who see the open queue do not all see the other one
        assert other.reference not in said
    hidden = incidents.open_incident(actor=desk, title="Pay", team=staff, caller=ada)
    incidents.edit(hidden, actor=desk, version=hidden.version, assigned_to=agent)
    User.objects.filter(pk=agent.pk).update(name="Max")
    secret = "{{ assigned.name | somebody }} of {{ team.name | us }}"
    for kind, reads in (("reply", "somebody of us"), ("note", f"Max of {staff.name}")):
        operations.apply_macro(macro({"kind": kind, "value": secret}), hidden, actor=desk)
        assert Note.objects.filter(record_id=hidden.pk).latest("id").text == reads


def test_every_kind_of_part_does_what_it_says(opened: Any, desk: Actor, macro: Any, agent: User) -> None:
    incident = opened()
    made = macro(
        {"kind": "field", "value": {"impact": 1, "urgency": 1, "service": None}},
        {"kind": "watcher", "value": "me"},
        {"kind": "tasks", "value": [{"title": "Ask {{ caller.first_name }}", "mandatory": True}, {"title": "Order"}]},
        {"kind": "note", "value": "Seen by {{ me.name | me }}."},
        {"kind": "step", "value": {"step": "acknowledge"}},
    )
    done = operations.apply_macro(made, incident, actor=desk)
    assert (done.priority, done.status) == (1, "in_progress")
    assert [(one.title, one.mandatory) for one in tasks_of(done)] == [("Ask Ada", True), ("Order", False)]
    assert entries(incident) == ["incident.created", "incident.acknowledged"]
    assert Entry.objects.filter(record_kind="incident").latest("id").changes["task"] == [None, ["Ask Ada", "Order"]]


def test_a_text_that_grows_too_long_by_what_is_filled_in_is_refused_and_nothing_is_done(
    opened: Any, desk: Actor, macro: Any, ada: User
) -> None:
    User.objects.filter(pk=ada.pk).update(name="x" * 150)
    incident, made = opened(), macro({"kind": "tasks", "value": [{"title": "{{ caller.name }}{{ caller.name }}"}]})
    with pytest.raises(InvalidInput, match="each with a title"):
        operations.apply_macro(made, incident, actor=desk)
    assert operations.preview_macro(made, incident, actor=desk).refused
    assert not Task.objects.exists()


def test_looking_at_a_macro_keeps_nothing_and_tells_nobody(opened: Any, desk: Actor, macro: Any) -> None:
    incident, made = opened(), macro(REPLY, SOLVE)
    told = Notification.objects.count()
    looked = operations.preview_macro(made, incident, actor=desk)
    assert (looked.refused, looked.lines[0].action.value) == ("", f"Hello Ada, {incident.reference} is done. ")
    assert (entries(incident), Note.objects.count(), Notification.objects.count()) == (["incident.created"], 0, told)


def test_what_cannot_be_done_says_why_at_the_part_that_stands_in_the_way(opened: Any, desk: Actor, macro: Any) -> None:
    incident = opened()
    incidents.add_task(incident, actor=desk, title="Tell the caller", mandatory=True)
    looked = operations.preview_macro(macro(REPLY, SOLVE), incident, actor=desk)
    assert [line.refused for line in looked.lines] == ["", "Still to do: Tell the caller."]


def test_a_macro_gives_nobody_a_right(
    opened: Any, desk: Actor, admin: User, macro: Any, as_actor: Any, ada: User
) -> None:
    made = macro(SOLVE, actor=as_actor(admin), share="everyone")
    for whose in (as_actor(ada),):
        with pytest.raises(NotPermitted):
            operations.apply_macro(made, opened(), actor=whose)


def test_the_macro_and_the_record_are_those_that_were_looked_at(opened: Any, desk: Actor, macro: Any) -> None:
    incident, made = opened(), macro(SOLVE)
    operations.edit_macro(made, actor=desk, version=1, actions=[{"kind": "note", "value": "Later"}])
    with pytest.raises(StaleVersion, match="look again"):
        operations.apply_macro(made, incident, actor=desk, macro_version=1)
    with pytest.raises(StaleVersion):
        operations.apply_macro(made, incident, actor=desk, version=incident.version + 7)
    operations.apply_macro(made, incident, actor=desk, macro_version=2)
    assert Note.objects.get().text == "Later"  # what it says now, not what was read before
    operations.edit_macro(made, actor=desk, version=2, active=False)
    with pytest.raises(NotFound):
        operations.apply_macro(made, incident, actor=desk)


def test_it_is_offered_in_its_queues_alone_and_in_order(opened: Any, desk: Actor, macro: Any, network: Team) -> None:
    macro(SOLVE, position=20)
    here = macro(SOLVE, position=10, queues=[network.pk])
    elsewhere, inside = opened(), opened(team=network)
    assert [one.slug for one in operations.offered_on(elsewhere, desk)] == ["printer"]
    assert [one.slug for one in operations.offered_on(inside, desk)] == ["printer-2", "printer"]
    with pytest.raises(Conflict, match="not offered"):
        operations.apply_macro(here, elsewhere, actor=desk)


@pytest.mark.parametrize(
    ("share", "keepers"), [("person", {"agent"}), ("team", {"engineer", "admin"}), ("everyone", {"admin"})]
)
def test_whose_it_is_says_who_keeps_it(
    share: str, keepers: set[str], person: Any, as_actor: Any, macro: Any, engineer: User
) -> None:
    web = a_queue("web", engineer)
    Membership.objects.filter(team=web).update(lead=True)
    people = {one: as_actor(person(one)) for one in ("agent", "engineer", "manager", "admin", "auditor", "requester")}
    team = web if share == "team" else None
    may_make = set()
    for name, actor in people.items():
        try:
            macro(SOLVE, actor=actor, share=share, team=team)
            may_make.add(name)
        except NotPermitted:
            pass
    assert may_make == (keepers if share != "person" else {"agent", "engineer", "manager", "admin"})
    made = macro(SOLVE, actor=people[sorted(keepers)[0]], share=share, team=team)
    for name, actor in people.items():
        if name in keepers:
            made = operations.edit_macro(made, actor=actor, version=made.version, name=f"By {name}")
        else:
            with pytest.raises(NotPermitted):
                operations.edit_macro(made, actor=actor, version=made.version, name="Mine")


@each_of(
    "actions",
    [
        [], [{}] * 9, "x", [{"kind": "magic", "value": 1}], [{"kind": "team"}], [{"kind": "team", "value": 7}],
        [{"kind": "team", "value": "nowhere"}], [{"kind": "field", "value": {"colour": "red"}}],
        [{"kind": "field", "value": {"priority": 9}}], [{"kind": "field", "value": {"priority": True}}],
        [{"kind": "field", "value": {"attributes": {"nothing": 1}}}], [{"kind": "field", "value": {}}],
        [{"kind": "assignee", "value": "nobody-here"}], [{"kind": "watcher", "value": None}],
        [{"kind": "tasks", "value": []}], [{"kind": "tasks", "value": [{"title": "\u200b"}]}],
        [{"kind": "tasks", "value": [{"title": "x", "mandatory": "yes"}]}], [{"kind": "note", "value": "\0"}],
        [{"kind": "note", "value": "x" * 20_001}], [{"kind": "note", "value": "a"}, {"kind": "reply", "value": "b"}],
        [{"kind": "step", "value": {"step": "explode"}}], [{"kind": "parent", "value": None}],
        [{"kind": "step", "value": {"step": "resolve", "resolution": "x"}}],
        [{"kind": "step", "value": {"step": "resolve", "resolution": "x", "resolution_code": "magic"}}],
        [{"kind": "step", "value": {"step": "acknowledge", "colour": "red"}}],
        [{"kind": "step", "value": {"step": "hold", "hold_reason": "vendor", "reason": "x", "hold_until": "soon"}}],
        [{"kind": "step", "value": {"step": ["resolve"]}}], [None], [[]], [{"kind": ["team"], "value": "x"}],
    ],
)  # fmt: skip
def test_what_could_be_done_to_no_record_cannot_be_saved(actions: Any, agent: User, api: Any) -> None:
    body = {"record_kind": "incident", "name": "x", "actions": actions}
    answer = api(agent).post("/api/v1/macros/", body, format="json")
    assert answer.status_code == 400, answer.content
    assert not Macro.objects.exists()


def test_over_rest_it_is_made_looked_at_done_changed_and_removed(opened: Any, agent: User, api: Any) -> None:
    client, incident = api(agent), opened()
    body = {"record_kind": "incident", "name": "Solved by a restart", "actions": [REPLY, SOLVE]}
    made = client.post("/api/v1/macros/", body, format="json").json()
    assert (made["slug"], made["share"], made["owner"]) == ("solved-by-a-restart", "person", "agent")
    path = f"/api/v1/incidents/{incident.reference}/macro/"
    looked = client.post(path, {"macro": made["slug"], "preview": True}, format="json").json()
    assert (looked["refused"], [one["kind"] for one in looked["actions"]]) == ("", ["reply", "step"])
    done = client.post(path, {"macro": made["slug"]}, format="json", headers={"If-Match": '"1"'})
    assert (done.status_code, done.json()["state"]) == (200, "resolved")
    again = client.post(path, {"macro": made["slug"]}, format="json")
    assert again.status_code == 409
    here = f"/api/v1/macros/{made['slug']}/"
    changed = client.patch(here, {"position": 3}, format="json", headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert client.patch(here, {"position": 4}, format="json").status_code == 428
    assert client.delete(here).status_code == 204
    assert client.post(path, {"macro": made["slug"]}, format="json").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_a_macro_to_what_both_have_read_one_does_and_the_other_hears_so(
    opened: Any, desk: Actor, macro: Any
) -> None:
    incident, made = opened(), macro(REPLY, SOLVE)
    version = incident.version
    with rivals() as begin:
        with transaction.atomic():
            operations.apply_macro(made, incident, actor=desk, version=version)
            other = begin(lambda: operations.apply_macro(made, incident, actor=desk, version=version))
            assert other.waits()
        with pytest.raises(StaleVersion):
            other.result()
    assert Note.objects.filter(record_id=incident.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_macro_that_is_changed_while_it_is_applied_is_done_as_it_was_or_as_it_is_never_half(
    opened: Any, desk: Actor, macro: Any
) -> None:
    incident, made = opened(), macro({"kind": "tasks", "value": [{"title": "Old"}]}, {"kind": "note", "value": "Old"})
    new = [{"kind": "tasks", "value": [{"title": "New"}]}, {"kind": "note", "value": "New"}]
    with rivals() as begin:
        with transaction.atomic():
            lifecycle.locked(incident)
            other = begin(lambda: operations.apply_macro(made, incident, actor=desk))
            assert other.waits()  # it has read the macro, and waits for the record
            operations.edit_macro(made, actor=desk, version=1, actions=new)
        other.result()
    assert {Note.objects.get().text, *(one.title for one in Task.objects.all())} == {"Old"}
    operations.apply_macro(made, incident, actor=desk)
    assert [one.text for one in Note.objects.order_by("id")] == ["Old", "New"]
