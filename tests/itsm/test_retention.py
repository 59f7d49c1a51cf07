"""What is over goes by rules that an administrator switched on, in batches, once; whom a legal hold keeps stays."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.erasure import operations as erasure
from itsm.kernel.actors import Actor, Door
from itsm.notifications.models import Collecting, Delivery, Notification
from itsm.notifications.notifying import notify
from itsm.retention import operations, purging, queries, tasks
from itsm.retention.models import Purged, RetentionRule, RetentionRun
from itsm.search.models import Document
from itsm.work.models import Note, TimeWorked
from tests.together import each_of

pytestmark = pytest.mark.django_db
SECRET = "zanzibar"
Api = Callable[..., APIClient]
Web = Callable[[User], Client]
PAGE, REST = "/settings/retention/", "/api/v1/retention-rules/"


@pytest.fixture
def old(requester: User, agent: User, as_actor: Callable[[User], Actor]) -> Callable[..., Incident]:
    """One that was worked on with words, and is closed for so many years."""

    def made(years: int = 4, caller: User | None = None, **said: Any) -> Incident:
        desk = as_actor(agent)
        one = incidents.open_incident(
            actor=desk, title=f"Mail about {SECRET}", description=f"They say {SECRET}", caller=caller or requester
        )
        incidents.note(one, actor=desk, text=f"Called about {SECRET}")
        incidents.acknowledge(one, actor=desk)
        incidents.resolve(one, actor=desk, resolution=f"Gave them {SECRET}", resolution_code="solved")
        incidents.close(one, actor=Actor.system("tests", Door.COMMAND))
        closed = timezone.now() - timedelta(days=366 * years)
        Incident.objects.filter(pk=one.pk).update(closed_at=closed, **said)
        one.refresh_from_db()
        return one

    return made


@pytest.fixture
def boss(admin: User, as_actor: Callable[[User], Actor]) -> Actor:
    return as_actor(admin)


def rule(boss: Actor, *, on: bool = True, **said: Any) -> RetentionRule:
    made = operations.create_rule(actor=boss, **{"record_kind": "incident", "months": 36, **said})
    return operations.edit_rule(made, actor=boss, version=1, confirmed=True, active=True) if on else made


def said_of(one: Incident) -> str:
    """Everything that the database says of an incident, by whatever table knows it by kind and number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(i)::text FROM incidents_incident i WHERE id = %s", [one.pk])
        found = [cursor.fetchone()[0]]
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND column_name IN ('record_id', 'record_kind') GROUP BY 1 HAVING count(*) = 2"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT to_jsonb(t)::text FROM {table} t WHERE record_kind = 'incident' AND record_id = %s", [one.pk]
            )
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_nothing_goes_until_an_administrator_switches_a_rule_on(old: Any, boss: Actor) -> None:
    one = old()
    made = rule(boss, on=False)
    assert queries.preview(made, timezone.now()).goes == 1, "it is counted before"
    assert tasks.keep_rules() == 0
    assert SECRET in said_of(one)
    with pytest.raises(Exception, match="does not come back"):
        operations.edit_rule(made, actor=boss, version=1, active=True)


def test_texts_go_everywhere_and_numbers_instants_and_who_did_what_stay(old: Any, boss: Actor, agent: User) -> None:
    one, young = old(), old(years=1)
    TimeWorked.objects.create(
        record_kind="incident", record_id=one.pk, by=agent, minutes=7, note=SECRET, day=one.opened_at, at=one.opened_at
    )
    Notification.objects.create(to=agent, subject=SECRET, record_kind="incident", record_id=one.pk)
    assert SECRET in said_of(one)
    before = list(Entry.objects.filter(record_kind="incident", record_id=one.pk).values("at", "event", "actor_id"))
    kept = {"priority": one.priority, "resolved_at": one.resolved_at, "version": one.version, "status": "closed"}
    rule(boss)
    assert tasks.keep_rules() == 1
    assert SECRET not in said_of(one)
    assert SECRET in said_of(young)
    assert Incident.objects.filter(pk=one.pk, resolution_code="solved", **kept).exists()
    after = list(Entry.objects.filter(record_kind="incident", record_id=one.pk).values("at", "event", "actor_id"))
    assert after == before, "that it was done, by whom and when, stays"
    assert TimeWorked.objects.get(record_id=one.pk).minutes == 7
    assert Document.objects.get(record_kind="incident", record_id=one.pk).title == "Texts purged"


def test_a_second_run_finds_nothing_and_a_run_is_one_entry_however_many_batches(old: Any, boss: Actor) -> None:
    for _number in range(3):
        old()
    made = rule(boss)
    assert purging.run(made, timezone.now(), batch=1) == 3
    assert purging.run(made, timezone.now(), batch=1) == 0
    (entry,) = Entry.objects.filter(record_kind="retention_rule", record_id=made.pk, event="retention_rule.purged")
    assert (entry.changes["records"], entry.actor_kind) == ([3, 0], "system")
    assert RetentionRun.objects.get().gone == 3


def test_a_run_that_was_killed_is_gone_on_with_and_counted_whole(
    old: Any, boss: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = old(), old()
    made = rule(boss)
    emptied = purging._empty_what_stands_on_it

    def dies(kind: str, ids: list[int]) -> None:
        if second.pk in ids:
            raise KeyboardInterrupt
        emptied(kind, ids)

    monkeypatch.setattr(purging, "_empty_what_stands_on_it", dies)
    with pytest.raises(KeyboardInterrupt):
        purging.run(made, timezone.now(), batch=1)
    assert (SECRET in said_of(first), SECRET in said_of(second)) == (False, True), "a batch is whole or not at all"
    assert not Entry.objects.filter(event="retention_rule.purged").exists()
    monkeypatch.setattr(purging, "_empty_what_stands_on_it", emptied)
    assert purging.run(made, timezone.now()) == 1
    assert Entry.objects.get(event="retention_rule.purged").changes["records"] == [2, 0]


def test_whom_a_legal_hold_keeps_their_records_stay(old: Any, boss: Actor, requester: User, engineer: User) -> None:
    held, other = old(), old(caller=engineer)
    erasure.hold(requester, actor=boss, reason="A court asks")
    made = rule(boss)
    found = queries.preview(made, timezone.now())
    assert (found.goes, found.held) == (1, 1)
    assert tasks.keep_rules() == 1
    assert (SECRET in said_of(held), SECRET in said_of(other)) == (True, False)
    erasure.lift_hold(requester, actor=boss)
    assert tasks.keep_rules() == 1


def test_who_wrote_on_a_record_keeps_it_by_a_legal_hold_too(old: Any, boss: Actor, owner: User) -> None:
    one = old()
    Note.objects.create(record_kind="incident", record_id=one.pk, text=SECRET, by=owner, at=timezone.now())
    erasure.hold(owner, actor=boss, reason="A court asks")
    rule(boss)
    assert tasks.keep_rules() == 0
    assert SECRET in said_of(one)


def test_a_category_with_a_rule_of_its_own_goes_by_that_alone_even_while_it_is_off(old: Any, boss: Actor) -> None:
    payroll, printers = (incidents.add_category(actor=boss, name=name) for name in ("Payroll", "Printers"))
    one, two, none = old(category=payroll), old(category=printers), old()
    rule(boss)
    rule(boss, category=payroll.pk, months=120, on=False)
    assert tasks.keep_rules() == 2
    assert [SECRET in said_of(each) for each in (one, two, none)] == [True, False, False]


def test_open_ones_stay_however_old_and_so_do_those_of_no_known_age(old: Any, boss: Actor) -> None:
    one = old()
    Incident.objects.filter(pk=one.pk).update(closed_at=None)
    rule(boss)
    assert tasks.keep_rules() == 0, "last worked on just now"


def test_months_are_of_the_calendar() -> None:
    at = datetime(2026, 3, 31, 5, tzinfo=UTC)
    assert queries.oldest_kept(RetentionRule(months=1), at) == datetime(2026, 2, 28, 5, tzinfo=UTC)
    assert queries.oldest_kept(RetentionRule(months=36), at) == datetime(2023, 3, 31, 5, tzinfo=UTC)


def test_notifications_go_whole_but_for_what_is_still_to_be_collected(boss: Actor, agent: User) -> None:
    for number in range(3):
        Notification.objects.create(to=agent, subject=f"news {number}")
    Notification.objects.update(created_at=timezone.now() - timedelta(days=100))
    kept = Notification.objects.get(subject="news 1")
    Collecting.objects.create(notification=kept, channel="mail", due_at=timezone.now())
    Notification.objects.filter(subject="news 2").update(created_at=timezone.now())
    rule(boss, record_kind="notification", months=3)
    assert tasks.keep_rules() == 1
    assert set(Notification.objects.values_list("subject", flat=True)) == {"news 1", "news 2"}


def test_a_mail_that_has_not_left_goes_with_the_record_that_it_tells_of(old: Any, boss: Actor, agent: User) -> None:
    one = old()
    Delivery.objects.update(delivered_at=timezone.now())
    left = set(Delivery.objects.values_list("pk", flat=True))
    notify([agent], f"News about {SECRET}", record=one)
    notify([agent], "Of nothing that goes")
    waiting = Delivery.objects.exclude(pk__in=left)
    assert waiting.count() == 2
    rule(boss)
    assert tasks.keep_rules() == 1
    stays = Notification.objects.get()
    assert [each.payload for each in waiting] == [{"notification": stays.pk}]
    assert Delivery.objects.filter(pk__in=left).count() == len(left), "what has left is the rule's of deliveries"


def test_a_notification_stays_while_its_mail_is_owed(boss: Actor, agent: User) -> None:
    for name in ("owed", "left", "given up"):
        notify([agent], name)
    Notification.objects.update(created_at=timezone.now() - timedelta(days=100))
    keys = {one.subject: f"notification-{one.pk}" for one in Notification.objects.all()}
    Delivery.objects.filter(key=keys["left"]).update(delivered_at=timezone.now())
    Delivery.objects.filter(key=keys["given up"]).update(dead_at=timezone.now())
    rule(boss, record_kind="notification", months=3)
    assert tasks.keep_rules() == 2
    assert Notification.objects.get().subject == "owed"


def test_what_is_exported_first_waits_for_the_command_which_writes_it_whole(
    old: Any, boss: Actor, tmp_path: Path
) -> None:
    one, out, file = old(), io.StringIO(), tmp_path / "gone.jsonl"
    waits = rule(boss, export_first=True)
    assert tasks.keep_rules() == 0
    assert not purging.run(waits, timezone.now())
    call_command("retention", "--dry-run", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["dry_run"], said["rules"][0]["would_go"]) == (True, 1)
    call_command("retention", stdout=io.StringIO())
    assert SECRET in said_of(one)
    call_command("retention", "--export", str(file), stdout=io.StringIO())
    (line,) = file.read_text().splitlines()
    kept = json.loads(line)
    assert (kept["reference"], kept["notes"][0]["text"]) == (one.reference, f"Called about {SECRET}")
    assert SECRET not in said_of(one)


def test_history_loses_texts_of_records_that_a_run_took_and_nothing_else(old: Any) -> None:
    one = old()

    def tried(statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('headroom.emptying', '[\"title\"]', true)")
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement, values)

    tried("SELECT retention_empty_history('incident', %s, %s)", [one.pk], ["title"])
    Purged.objects.create(record_kind="incident", record_id=one.pk)
    for column, value in (("actor_name", "nobody"), ("event", "incident.edited"), ("remark", "other words")):
        tried(f"UPDATE audit_entry SET {column} = %s WHERE record_id = %s", value, one.pk)
    tried("UPDATE audit_entry SET changes = '{}' WHERE record_id = %s", one.pk)
    tried("DELETE FROM audit_entry WHERE record_id = %s", one.pk)


def test_rest_writes_previews_switches_and_takes_away(old: Any, admin: User, agent: User, api: Api) -> None:
    old()
    client = api(admin)
    made = client.post(REST, {"record_kind": "incident", "months": 36}, format="json")
    assert (made.status_code, made.json()["active"]) == (201, False)
    address = f"{REST}{made.json()['id']}/"
    assert client.get(f"{address}preview/").json()["goes"] == 1
    refused = client.patch(address, {"active": True}, format="json", headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/confirm")
    on = client.patch(address, {"active": True, "confirm": True}, format="json", headers={"If-Match": '"1"'})
    assert (on.status_code, on.json()["active"], on.json()["version"]) == (200, True, 2)
    assert client.post(REST, {"record_kind": "incident", "months": 40}, format="json").status_code == 409
    assert client.delete(address).status_code == 428
    assert api(agent).get(REST).status_code == 403
    assert client.delete(address, headers={"If-Match": '"2"'}).status_code == 204
    assert Incident.objects.count() == 1


@each_of(
    "body",
    [
        {}, [], "x", {"record_kind": "incident"}, {"record_kind": "user", "months": 36},
        {"record_kind": "incident", "months": 5}, {"record_kind": "incident", "months": 0},
        {"record_kind": "incident", "months": 10**30}, {"record_kind": "incident", "months": "x"},
        {"record_kind": "incident", "months": 36, "category": 987654},
        {"record_kind": "notification", "months": 36, "category": 1},
        {"record_kind": "incident", "months": 36, "active": True},
    ],
)  # fmt: skip
def test_rules_that_say_nothing_sensible_are_refused(admin: User, api: Api, body: Any) -> None:
    assert api(admin).post(REST, body, format="json").status_code == 400
    assert not RetentionRule.objects.exists()


def test_the_page_shows_what_would_go_and_asks_before_it_is_switched_on(
    old: Any, admin: User, agent: User, web: Web
) -> None:
    old()
    client = web(admin)
    assert client.post(PAGE, {"what": "incident:0", "months": "36"}).status_code == 302
    made = RetentionRule.objects.get()
    assert "1 of incidents that are over" in client.get(PAGE).content.decode()
    sent = {"rule": made.pk, "months": "36", "version": "1", "do": "on"}
    assert client.post(PAGE, sent).status_code == 400
    assert client.post(PAGE, sent | {"confirm": "on"}).status_code == 302
    made.refresh_from_db()
    assert (made.active, made.version) == (True, 2)
    for hostile in ({}, {"rule": "x"}, {"rule": "999"}, {"what": "user:0", "months": "36"}, sent | {"do": "all"}, sent):
        assert 400 <= client.post(PAGE, hostile).status_code < 500
    assert web(agent).get(PAGE).status_code == 403
    assert client.post(PAGE, sent | {"version": "2", "do": "delete"}).status_code == 302
    assert not RetentionRule.objects.exists()
