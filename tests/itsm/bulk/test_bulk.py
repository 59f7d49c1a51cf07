"""A result for each record, all or none on request, and half an hour to take edits back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.bulk import operations, working
from itsm.bulk.models import Bulk, BulkRow
from itsm.kernel.errors import Conflict
from itsm.macros.operations import create_macro, edit_macro
from itsm.notifications.models import Notification
from itsm.work import actions
from itsm.work.models import Note
from tests.itsm.bulk.conftest import edited, newest, priority, sent
from tests.together import each_of

pytestmark = pytest.mark.django_db
STEP = [{"kind": "step", "value": {"step": "acknowledge"}}]
AT = "/api/v1/incidents/bulk/"


def pictures(incidents: list[Incident]) -> list[dict[str, Any]]:
    return list(Incident.objects.filter(pk__in=[one.pk for one in incidents]).order_by("pk").values())


class TestEachByItself:
    def test_of_fifty_44_are_done_3_not_found_2_refused_and_1_is_unchanged(
        self, fifty: list[Incident], agent: User, api: Any
    ) -> None:
        answer = sent(api(agent), fifty, priority(2))
        assert answer.status_code == 202
        assert answer.data["counts"] == {
            "waiting": 0, "done": 44, "unseen": 3, "refused": 2, "unchanged": 1, "undone": 0
        }  # fmt: skip
        assert (answer.data["state"], answer.data["title"]) == ("done", "Priority: P2")
        refused = [row for row in answer.data["rows"] if row["result"] == "refused"]
        assert [row["index"] for row in refused] == [47, 48]
        assert f"{fifty[47].reference} is closed" in refused[0]["sentence"]
        assert Incident.objects.filter(priority=2).count() == 45

    def test_one_that_is_hidden_answers_like_one_that_does_not_exist(
        self, rows_of: Any, hidden: Team, agent: User, api: Any
    ) -> None:
        (there,) = rows_of(1, hidden)
        body = {"ids": [there.pk, 999_999], "actions": priority(2)}
        rows = api(agent).post(AT, body, format="json").data["rows"]
        assert {(row["result"], row["code"], row["sentence"]) for row in rows} == {
            ("unseen", "not-found", "It does not exist, or you may not see it.")
        }

    def test_each_is_the_single_operation_with_its_own_entry(self, rows_of: Any, agent: User, api: Any) -> None:
        two = rows_of(2)
        sent(api(agent), two, [*priority(1), {"kind": "assignee", "value": "me"}])
        found = Entry.objects.filter(record_kind="incident", record_id__in=[one.pk for one in two])
        assert [(entry.event, entry.actor_name) for entry in found] == [("incident.edited", str(agent))] * 2

    def test_the_same_record_twice_is_one(self, rows_of: Any, agent: User, api: Any) -> None:
        (one,) = rows_of(1)
        answer = sent(api(agent), [one, one], [{"kind": "note", "value": "Once"}])
        assert answer.data["total"] == Note.objects.count() == 1

    def test_who_loses_the_right_in_the_middle_is_refused_from_there(
        self, rows_of: Any, agent: User, api: Any, as_actor: Any, desk: Team
    ) -> None:
        some = rows_of(6)
        bulk = operations.send(
            "incident", actor=as_actor(agent), ids=[one.pk for one in some], todo=actions.parse(priority(2))
        )
        working.work(bulk, most=2)
        Membership.objects.filter(user=agent).delete()
        working.work(bulk, most=2)
        User.objects.filter(pk=agent.pk).update(is_active=False)
        working.work(bulk)
        results = list(bulk.rows.order_by("index").values_list("result", "code"))
        assert results == [("done", "")] * 2 + [("refused", "not-permitted")] * 4

    def test_a_fault_in_one_row_stops_no_other(
        self, rows_of: Any, agent: User, api: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        some, real = rows_of(3), actions.carry_out

        def faulty(record: Any, *args: Any, **options: Any) -> Any:
            if record.pk == some[1].pk:
                raise ZeroDivisionError
            return real(record, *args, **options)

        monkeypatch.setattr(actions, "carry_out", faulty)
        rows = sent(api(agent), some, priority(2)).data["rows"]
        assert [row["result"] for row in rows] == ["done", "refused", "done"]
        assert rows[1]["code"] == "internal"


class TestAllOrNone:
    def test_nothing_is_changed_and_the_first_that_refused_is_named(
        self, fifty: list[Incident], agent: User, api: Any
    ) -> None:
        client = api(agent)
        before, entries = pictures(fifty), Entry.objects.count()
        answer = sent(client, fifty, priority(2), atomic=True)
        assert answer.status_code == 202
        assert (answer.data["first_refused"], answer.data["state"]) == (44, "done")
        assert answer.data["counts"]["done"] == 0
        assert answer.data["rows"][44]["result"] == "unseen"
        assert pictures(fifty) == before
        assert Entry.objects.count() == entries
        assert Notification.objects.count() == 0

    def test_all_are_done_where_none_refuses(self, rows_of: Any, agent: User, api: Any) -> None:
        answer = sent(api(agent), rows_of(4), priority(2), atomic=True)
        assert (answer.data["counts"]["done"], answer.data["first_refused"]) == (4, None)


class TestTakingBack:
    def test_what_somebody_changed_since_stays_and_says_who(
        self, fifty: list[Incident], agent: User, person: Any, api: Any, as_actor: Any, desk: Team
    ) -> None:
        bo = person("agent", desk, username="Bo")
        client = api(agent)
        made = sent(client, fifty, priority(2)).data
        for one in fifty[:2]:
            edited(one, as_actor(bo), title="Bo knows more")
        answer = client.post(f"{AT}{made['id']}/undo/", {}, format="json")
        assert answer.status_code == 202
        assert (answer.data["counts"]["undone"], answer.data["counts"]["done"]) == (42, 2)
        assert answer.data["state"] == "undone"
        stayed = answer.data["rows"][0]
        assert (stayed["result"], stayed["code"]) == ("done", "stale-version")
        assert stayed["sentence"].startswith(f"{bo}, ")
        assert list(Incident.objects.filter(title="Bo knows more").values_list("priority", flat=True)) == [2, 2]
        assert not Incident.objects.filter(priority=2).exclude(pk__in=[fifty[0].pk, fifty[1].pk, fifty[49].pk]).exists()

    def test_steps_and_words_stay(self, rows_of: Any, agent: User, api: Any) -> None:
        client = api(agent)
        (one, other) = rows_of(2)
        step, words = sent(client, [one], STEP).data, sent(client, [other], [{"kind": "note", "value": "x"}]).data
        said = [
            client.post(f"{AT}{made['id']}/undo/", {}, format="json").data["rows"][0]["sentence"]
            for made in (step, words)
        ]
        assert said == [
            "A step was taken; steps are not taken back.", "Words and tasks stay; there is no edit to take back."
        ]  # fmt: skip
        one.refresh_from_db()
        assert one.status == "in_progress"

    def test_a_step_that_left_the_state_stays_as_well(self, rows_of: Any, agent: User, api: Any) -> None:
        higher = Team.objects.create(name="Second line", slug="second-line", takes_work=True, tier=2)
        Membership.objects.create(user=agent, team=higher)
        client, (one,) = api(agent), rows_of(1)
        step = [{"kind": "step", "value": {"step": "escalate", "to": higher.slug, "words": "Needs them."}}]
        made = sent(client, [one], step).data
        assert made["counts"]["done"] == 1
        row = client.post(f"{AT}{made['id']}/undo/", {}, format="json").data["rows"][0]
        one.refresh_from_db()
        assert (row["result"], one.team) == ("done", higher)

    def test_half_an_hour_and_once(self, rows_of: Any, agent: User, as_actor: Any) -> None:
        actor = as_actor(agent)
        bulk = operations.send("incident", actor=actor, ids=[rows_of(1)[0].pk], todo=actions.parse(priority(2)))
        with pytest.raises(Conflict, match="still under way"):
            operations.undo(bulk, actor=actor, at=timezone.now())
        done = working.work(bulk)
        assert done.finished_at
        with pytest.raises(Conflict, match="30 minutes"):
            operations.undo(bulk, actor=actor, at=done.finished_at + timedelta(minutes=30, seconds=1))
        working.work(operations.undo(bulk, actor=actor, at=done.finished_at + timedelta(minutes=30)))
        with pytest.raises(Conflict, match="already"):
            operations.undo(bulk, actor=actor, at=timezone.now())

    def test_who_lost_sight_of_one_changes_it_no_more(self, rows_of: Any, agent: User, api: Any, desk: Team) -> None:
        client, (one,) = api(agent), rows_of(1)
        made = sent(client, [one], priority(2)).data
        desk.confidential = True
        desk.save()
        Membership.objects.all().delete()
        row = client.post(f"{AT}{made['id']}/undo/", {}, format="json").data["rows"][0]
        assert (row["result"], row["code"]) == ("done", "not-found")
        one.refresh_from_db()
        assert one.priority == 2


class TestTheDatabaseHolds:
    def test_a_row_is_settled_once(self, rows_of: Any, agent: User, api: Any) -> None:
        sent(api(agent), rows_of(1), priority(2))
        with pytest.raises(IntegrityError, match="settled once"):
            BulkRow.objects.update(result="waiting")

    def test_the_records_are_frozen(self, rows_of: Any, agent: User, api: Any) -> None:
        sent(api(agent), rows_of(1), priority(2))
        with pytest.raises(IntegrityError, match="frozen"):
            BulkRow.objects.update(record_id=7)


class TestTheDoor:
    def test_1001_records_are_refused_naming_the_limit(self, agent: User, api: Any) -> None:
        for name, many in (("ids", list(range(1, 1002))), ("references", [f"INC-{n}" for n in range(1, 1002)])):
            answer = api(agent).post(AT, {name: many, "actions": priority(2)}, format="json")
            assert answer.status_code == 400
            assert "1000 records at once; these are 1001" in answer.data["detail"]
        assert Bulk.objects.count() == 0

    @each_of(
        "body",
        [
            {}, {"ids": []}, {"ids": [1]}, {"ids": "1", "actions": priority(1)}, {"ids": [True], "actions": priority(1)},
            {"ids": [0], "actions": priority(1)}, {"ids": [2**70], "actions": priority(1)},
            {"references": ["CHG-1"], "actions": priority(1)}, {"references": [None], "actions": priority(1)},
            {"ids": [1], "actions": []}, {"ids": [1], "actions": {}}, {"ids": [1], "actions": priority(9)},
            {"ids": [1], "actions": [{"kind": "field", "value": {"nope": 1}}]},
            {"ids": [1], "actions": [{"kind": "field", "value": {"attributes": [1]}}]},
            {"ids": [1], "actions": [{"kind": "team", "value": "nowhere"}]},
            {"ids": [1], "actions": [{"kind": "step", "value": {"step": "explode"}}]},
            {"ids": [1], "actions": [{"kind": "step", "value": {"step": "resolve", "more": 1}}]},
            {"ids": [1], "actions": [{"kind": "assignee", "value": "nobody-here"}]},
            {"ids": [1], "actions": [{"kind": "parent", "value": "INC-99999"}]},
            {"ids": [1], "macro": "none-such"}, {"ids": [1], "macro": "x", "actions": priority(1)},
            {"ids": [1], "actions": priority(1), "atomic": "yes"}, {"ids": [1], "actions": priority(1), "odd": 1},
        ],
    )  # fmt: skip
    def test_what_cannot_be_used_is_refused_with_a_sentence(self, agent: User, api: Any, body: Any) -> None:
        answer = api(agent).post(AT, body, format="json")
        assert answer.status_code == 400
        assert len(answer.data["detail"]) > 15
        assert Bulk.objects.count() == 0

    def test_sent_again_with_the_same_key_it_makes_nothing_new(self, rows_of: Any, agent: User, api: Any) -> None:
        client, some = api(agent), rows_of(2)
        note = [{"kind": "note", "value": "Once"}]
        body = {"references": [one.reference for one in some], "actions": note}
        first, again = (client.post(AT, body, format="json", headers={"Idempotency-Key": "k1"}) for _turn in range(2))
        assert first.data["id"] == again.data["id"]
        assert again["Idempotent-Replayed"] == "true"
        assert Note.objects.count() == 2

    def test_nobody_finds_somebody_elses(
        self, rows_of: Any, agent: User, engineer: User, admin: User, api: Any
    ) -> None:
        made = sent(api(agent), rows_of(1), priority(2)).data
        for other in (engineer, admin):
            assert api(other).get(f"{AT}{made['id']}/").status_code == 404
            assert api(other).post(f"{AT}{made['id']}/undo/", {}, format="json").status_code == 404

    def test_the_first_fifty_are_done_in_the_request_and_a_worker_does_the_rest(
        self, rows_of: Any, agent: User, api: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert working.AT_ONCE == 50
        monkeypatch.setattr(working, "AT_ONCE", 5)
        client = api(agent)
        made = sent(client, rows_of(11), priority(2)).data
        assert (made["counts"]["done"], made["counts"]["waiting"], made["state"]) == (5, 6, "working")
        assert working.go_on() == 0
        after = client.get(f"{AT}{made['id']}/").data
        assert (after["counts"]["done"], after["state"]) == (11, "done")
        assert after["undo_until"]

    def test_what_a_row_costs_does_not_grow(self, rows_of: Any, agent: User, as_actor: Any) -> None:
        asked = []
        for count in (2, 12):
            ids = [one.pk for one in rows_of(count)]
            bulk = operations.send("incident", actor=as_actor(agent), ids=ids, todo=actions.parse(priority(2)))
            with CaptureQueriesContext(
                connection,
            ) as seen:
                working.work(bulk)
            asked.append(len(seen))
        assert (asked[1] - asked[0]) / 10 <= 45

    def test_what_is_long_over_is_forgotten(self, rows_of: Any, agent: User, api: Any) -> None:
        sent(api(agent), rows_of(1), priority(2))
        assert operations.forget(timezone.now() + timedelta(days=29)) == 0
        assert operations.forget(timezone.now() + timedelta(days=31)) == 1
        assert BulkRow.objects.count() == 0


def test_a_macro_is_filled_in_for_each(rows_of: Any, agent: User, api: Any, as_actor: Any) -> None:
    asks = [{"kind": "reply", "value": "Dear {{ caller.first_name | there }}"}]
    macro = create_macro(actor=as_actor(agent), record_kind="incident", name="Toner", actions=asks)
    some = rows_of(2)
    body = {"references": [one.reference for one in some], "macro": macro.slug}
    answer = api(agent).post(AT, body, format="json")
    assert (answer.data["title"], answer.data["counts"]["done"]) == ("Toner", 2)
    assert set(Note.objects.values_list("text", flat=True)) == {"Dear there"}
    assert Entry.objects.filter(record_kind="incident").latest("id").changes["because"] == [None, "Toner"]
    assert newest().macro == macro.slug


def test_a_macro_edited_under_way_does_to_the_rest_what_was_sent(rows_of: Any, agent: User, as_actor: Any) -> None:
    """Who keeps it would act with the rights of who sent it."""
    actor, some = as_actor(agent), rows_of(3)
    macro = create_macro(actor=actor, record_kind="incident", name="Raise", actions=priority(2))
    bulk = operations.send("incident", actor=actor, ids=[one.pk for one in some], macro=macro.slug)
    working.work(bulk, most=1)
    edit_macro(macro, actor=actor, version=macro.version, actions=priority(5))
    working.work(bulk)
    assert set(Incident.objects.values_list("priority", flat=True)) == {2}
    BulkRow.objects.filter(bulk=bulk).delete()
    BulkRow.objects.create(bulk=bulk, index=0, record_id=some[0].pk, result="refused")
    with pytest.raises(Conflict, match="changed since"):
        operations.send_again(bulk, actor=actor)


def test_a_text_that_is_too_long_once_it_is_filled_in_is_refused(rows_of: Any, agent: User, api: Any) -> None:
    (one,) = rows_of(1)
    Incident.objects.filter(pk=one.pk).update(title="x" * 150)
    long = [{"kind": "tasks", "value": [{"title": "{{ record.title }} {{ record.title }}"}]}]
    row = sent(api(agent), [one], long).data["rows"][0]
    assert (row["result"], row["code"]) == ("refused", "invalid-input")


def test_words_to_many_know_placeholders_too(rows_of: Any, agent: User, api: Any) -> None:
    client, some = api(agent), rows_of(1)
    assert sent(client, some, [{"kind": "reply", "value": "{{ caller.password }}"}]).status_code == 400
    sent(client, some, [{"kind": "reply", "value": "Dear {{ caller.first_name | there }}"}])
    assert Note.objects.get().text == "Dear there"
