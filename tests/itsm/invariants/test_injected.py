"""Each invariant is violated behind everybody's back, as the owner of the tables can; it is found, by that one alone."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from changes.change.operations import people_decide
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import DeliverySource, Evaluation, ModelVersion, PlatformDelivery
from changes.policies import operations as policies
from changes.policies import queries as policy_queries
from incidents.incident.operations import open_incident
from incidents.models import AlertIntake, AlertSource, Incident
from itsm.accounts.models import Team, Token, User
from itsm.accounts.operations.ways_in import issue_token
from itsm.agents import operations as agents
from itsm.agents.models import Agent
from itsm.approvals import operations as approvals
from itsm.approvals.models import ApprovalDecision, ApprovalRequest, Confirmation
from itsm.audit.models import Entry
from itsm.audit.recording import record_event
from itsm.audit_trail.checking import check
from itsm.clocks import due
from itsm.files import store
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor
from itsm.mail.models import IncomingMail
from itsm.notifications.models import Delivery, Notification, Quarantine
from itsm.notifications.notifying import notify
from itsm.oauth.models import OAuthClient, OAuthGrant
from itsm.work import linkable
from tests.conftest import SYSTEM
from tests.factories.allowances import acting, an_agent, given
from tests.factories.changes import a_model, ask
from tests.factories.slo import a_service
from tests.itsm.invariants.conftest import behind, found_by, triggers_off

pytestmark = [pytest.mark.django_db, pytest.mark.writes_behind(*(f"I{number}" for number in range(1, 21)))]


def test_a_desk_that_does_its_work_holds(running: Evaluation, waits: Evaluation) -> None:
    assert found_by(full=True) == {}


# --- I1 to I8: what closes the gate --------------------------------------------------------------


def test_running_without_an_authorisation(waits: Evaluation) -> None:
    behind("changes_change", "UPDATE changes_change SET status = 'running' WHERE id = %(id)s", {"id": waits.change_id})
    assert found_by() == {"I1": [waits.change.reference]}


def test_started_on_one_that_had_expired(running: Evaluation) -> None:
    behind(
        "changes_deployment",
        "UPDATE changes_deployment SET started_at = started_at + interval '3 days' WHERE evaluation_id = %(id)s",
        {"id": running.pk},
    )
    assert found_by() == {"I1": [running.change.reference]}


def test_scheduled_by_nobody(waits: Evaluation) -> None:
    sql = "UPDATE changes_change SET status = 'scheduled', authorised_until = now() WHERE id = %(id)s"
    behind("changes_change", sql, {"id": waits.change_id})
    assert found_by() == {"I1": [waits.change.reference]}


def test_an_answer_of_somebody_excluded(waits: Evaluation, approver: User, as_actor: Callable[..., Actor]) -> None:
    one = ApprovalRequest.objects.get(record_id=waits.change_id, status="open")
    said = {"decision": "approve", "comment": "", "content_hash": waits.content_hash, "at": timezone.now()}
    approvals.answer(waits.change, actor=as_actor(approver), vote_id=None, **said)
    ApprovalRequest.objects.filter(pk=one.pk).update(excluded=[approver.pk])
    assert found_by()["I2"] == [one.reference]
    assert set(found_by()) == {"I2"}


def test_a_confirmation_by_who_proposed_it(manager: User) -> None:
    now = timezone.now()
    one = Confirmation.objects.create(
        action="x", record_kind="service", record_id=1, record_reference="x", subject="x", payload={}, payload_hash="x",
        differences=[], services=[], roles=["manager"], proposed_by=manager, person=manager, excluded=[manager.pk],
        proposed_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip
    behind(
        "approvals_confirmation",
        "UPDATE approvals_confirmation SET status = 'confirmed', decided_by_id = %(by)s, decided_at = now()",
        {"by": manager.pk},
    )
    assert found_by() == {"I2": [one.reference]}


def test_a_decision_that_was_altered(waits: Evaluation) -> None:
    other = "blocked" if waits.outcome != "blocked" else "cab"
    with triggers_off("changes_decision") as cursor:
        cursor.execute("UPDATE changes_decision SET outcome = %s, decided_at = decided_at - interval '1 hour' WHERE id = %s",
                       [other, waits.decision_id])  # fmt: skip
    assert found_by() == {"I3": [waits.decision.reference]}


def test_content_that_was_edited_behind_its_approval(let_go: Evaluation) -> None:
    behind(
        "changes_change", "UPDATE changes_change SET plan = 'Another one' WHERE id = %(id)s", {"id": let_go.change_id}
    )
    assert found_by() == {"I4": [let_go.change.reference]}


def test_an_approval_for_other_content(let_go: Evaluation) -> None:
    sql = "UPDATE changes_evaluation SET content_hash = repeat('0', 64) WHERE id = %(id)s"
    behind("changes_evaluation", sql, {"id": let_go.pk})
    assert found_by() == {"I4": [let_go.change.reference]}


def test_an_approval_that_saw_nothing(let_go: Evaluation) -> None:
    behind(
        "changes_decision",
        "UPDATE changes_decision SET evidence = jsonb_set(evidence, '{calendar,value}', 'null'),"
        " decided_at = decided_at - interval '2 hours' WHERE id = %(id)s",
        {"id": let_go.decision_id},
    )
    assert found_by() == {"I5": [let_go.decision.reference]}


@pytest.mark.parametrize("since", ["now", "yesterday"])
def test_a_decision_that_does_not_replay(waits: Evaluation, since: str) -> None:
    back = "20 hours" if since == "yesterday" else "0"
    behind(
        "changes_decision",
        "UPDATE changes_decision SET evidence = jsonb_set(evidence, '{change,requester}', '\"user:0\"'),"
        " decided_at = decided_at - %(back)s::interval WHERE id = %(id)s",
        {"id": waits.decision_id, "back": back},
    )
    assert found_by() == ({"I6": [waits.decision.reference]} if since == "now" else {})
    assert set(found_by(full=True)) == {"I6"}


def test_a_budget_that_was_promised_twice(let_go: Evaluation) -> None:
    behind(
        "slo_reservation",
        "INSERT INTO slo_reservation (id, objective_id, holder, ratio, held_at, expires_at, reason)"
        " SELECT id - 1000, objective_id, 'CHG-99999', 0.9, held_at, expires_at, '' FROM slo_reservation",
    )
    assert found_by() == {"I7": [let_go.change.reference]}


def test_an_agent_that_went_without_a_share_of_its_own(
    let_go: Evaluation, engineer: User, manager: User, payments: Team, as_actor: Callable[..., Actor]
) -> None:
    service, now = let_go.change.service, timezone.now()
    agent = an_agent(engineer)
    given(service, agent, as_actor(manager), "0.5", now)
    approved = ask(service, acting(agent, now), now, change_class="standard")
    assert approved.outcome == "approved"
    assert found_by() == {}
    behind("changes_allowance", "UPDATE changes_allowance SET agent_id = NULL, team_id = %(id)s", {"id": payments.pk})
    assert found_by() == {"I5": [approved.decision.reference]}


def test_headroom_that_is_shared_out_twice(
    let_go: Evaluation, engineer: User, manager: User, as_actor: Callable[..., Actor]
) -> None:
    service = let_go.change.service
    for name in ("first", "second"):
        given(service, an_agent(engineer, name), as_actor(manager), "0.5")
    behind("changes_allowance", "UPDATE changes_allowance SET share = 0.6")
    assert found_by() == {"I7": [service.slug]}


def test_a_state_that_no_history_leads_to(let_go: Evaluation, running: Evaluation) -> None:
    behind("changes_change", "UPDATE changes_change SET status = 'closed', outcome_code = 'successful'")
    assert found_by(full=True, only=("I8",)) == {"I8": [let_go.change.reference]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("checked_before", [True, False])
def test_a_history_that_was_rewritten(engineer: User, checked_before: bool) -> None:
    record_event("account.edited", engineer, actor=SYSTEM, remark="as it was")
    assert found_by(full=True, only=("I8",)) == {}
    if checked_before:
        check(timezone.now(), whole=True)
        record_event("account.edited", engineer, actor=SYSTEM, remark="as it was")
        assert found_by(only=("I8",)) == {}
    newest = Entry.objects.order_by("-id")[0]
    with transaction.atomic():
        behind("audit_entry", "UPDATE audit_entry SET remark = 'another' WHERE id = %(id)s", {"id": newest.pk})
    assert found_by(full=True, only=("I8",)) == {"I8": [f"entry {newest.pk}"] * (2 if checked_before else 1)}
    assert found_by(only=("I8",)) == ({"I8": [f"entry {newest.pk}"]} if checked_before else {})


# --- I9 to I20 -----------------------------------------------------------------------------------


def test_mail_of_which_nothing_became(db: None) -> None:
    now = timezone.now()
    one = IncomingMail.objects.create(sha256="a" * 64, size=1, received_at=now - timedelta(minutes=6))
    due.schedule("mail.apply", IncomingMail.kind, one.pk, now + timedelta(hours=1))
    assert found_by() == {"I9": [one.reference]}


@pytest.mark.parametrize("door", ["alerts", "platform"])
def test_what_a_system_sent_and_nothing_became_of(door: str, admin: User) -> None:
    came = timezone.now() - timedelta(minutes=6)
    said: dict[str, Any] = {"body": b"{}", "sha256": "a" * 64, "size": 2, "received_at": came, "status": "new"}
    one: AlertIntake | PlatformDelivery
    if door == "alerts":
        source = AlertSource.objects.create(slug="am", name="AM", shape="generic")
        one = AlertIntake.objects.create(source=source, **said)
    else:
        told_by = DeliverySource.objects.create(
            slug="gh", name="GH", platform="generic", account=admin, created_at=came
        )
        one = PlatformDelivery.objects.create(source=told_by, delivery_id="1", event="deployment", **said)
    assert found_by() == {"I9": [f"{one.kind} {one.pk}"]}
    type(one)._default_manager.filter(pk=one.pk).update(status="parked", reason="It is no JSON.")
    assert found_by() == {}


def test_news_whose_mail_was_lost(engineer: User) -> None:
    notify([engineer], "A word", by=None)
    notify([engineer], "Another", by=None)
    Notification.objects.update(is_mailed=True)
    lost = Notification.objects.order_by("-id")[0]
    Delivery.objects.filter(key=f"notification-{lost.pk}").delete()
    found = found_by()
    assert found["I10"] == [f"notification-{lost.pk}"]
    assert set(found) == {"I10"}


def test_a_mail_about_nothing(engineer: User) -> None:
    Delivery.objects.create(channel="mail", key="x", aggregate="x", payload={"notification": 0}, lane="mail")
    assert found_by() == {"I10": ["x"]}


def test_a_key_without_an_answer(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_idempotencyrecord (principal, route, key, request_hash, made, location, report, created_at)"
            " VALUES ('user:1', 'POST /x', 'k', '', '', '', '', now() - interval '11 minutes')"
        )
    assert found_by(full=True) == {"I11": ["POST /x k"]}


def test_a_stranger_who_sees_what_is_confidential(
    agent: User, as_actor: Callable[..., Actor], monkeypatch: Any
) -> None:
    hidden = Team.objects.create(slug="security", name="Security", takes_work=True, confidential=True)
    one = open_incident(actor=as_actor(agent), title="Somebody was in")
    Incident.objects.filter(pk=one.pk).update(team=hidden)
    assert found_by(full=True) == {}
    leaks = linkable._known[Incident.kind]._replace(visible=lambda actor: Incident.objects.all())
    monkeypatch.setitem(linkable._known, Incident.kind, leaks)
    assert set(found_by(full=True)["I12"]) == {one.reference}


def test_a_step_that_there_is_not(agent: User, as_actor: Callable[..., Actor]) -> None:
    one = open_incident(actor=as_actor(agent), title="Slow")
    record_event("incident.edited", one, actor=SYSTEM, changes={"status": ["closed", "new"]})
    assert found_by() == {"I13": [one.reference]}


def test_a_policy_that_nobody_approved(let_go: Evaluation, owner: User) -> None:
    with triggers_off("changes_policyversion", "changes_policyactivation") as cursor:
        cursor.execute(
            "INSERT INTO changes_policyversion (slug, number, hash, content, proposed_at, proposed_by_id)"
            " SELECT slug, 2, encode(sha256('x'), 'hex'), content, now(), %s FROM changes_policyversion LIMIT 1 RETURNING id",
            [owner.pk],
        )
        cursor.execute(
            "INSERT INTO changes_policyactivation (version_id, at) VALUES (%s, now() + interval '1 day')",
            [cursor.fetchone()[0]],
        )
    assert set(found_by()) == {"I14"}


def test_what_rules_or_runs_by_the_approval_of_an_account_that_became_its_authors(
    waits: Evaluation,
    owner: User,
    manager: User,
    admin: User,
    as_actor: Callable[..., Actor],
    approver: User,
    engineer: User,
) -> None:
    """Two accounts, one person, however many steps lie between them: what they let go had one pair of eyes."""
    between = User.objects.create(username="between", account_type="human", is_active=False, merged_into=owner)
    before = policies.ruling(timezone.now())
    version = policies.propose(policy_to_json(default_policy(version=2)), actor=as_actor(manager), at=timezone.now())
    policies.decide(version, actor=as_actor(admin), decision="approve", comment="Read.", at=timezone.now())
    model = a_model(a_service(), as_actor(owner))
    ModelVersion.objects.create(
        model=model, number=2, bounds={}, state="approved", written_by=approver, written_at=timezone.now(),
        writers=[approver.pk], approved_by=owner, approved_at=timezone.now(),
    )  # fmt: skip
    change = waits.change
    people_decide.decide_by_person(
        change, actor=as_actor(approver), decision="approve", comment="", at=timezone.now()
    )  # fmt: skip
    assert policy_queries.ruling() == version
    assert found_by() == {}
    same = [one.pk for one in (manager, admin, approver, engineer)]
    User.objects.filter(pk__in=same).update(is_active=False, merged_into=between)
    assert policy_queries.ruling() == before, "the one before it rules, which another person approved"
    assert found_by() == {"I2": [change.reference], "I14": ["default v2", model.slug]}


def test_a_timer_that_was_deleted(let_go: Evaluation) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM clocks_due WHERE record_kind = 'change' AND name = 'changes.authorisation_expires'")
    assert found_by() == {"I15": [let_go.change.reference]}


def test_a_timer_that_nobody_kept(db: None) -> None:
    due.schedule("mail.fetch", "mailbox", 1, timezone.now() - timedelta(minutes=2))
    assert found_by() == {"I15": ["mail.fetch"]}


def test_while_all_is_held_after_a_restore_nothing_is_late(db: None) -> None:
    due.schedule("mail.fetch", "mailbox", 1, timezone.now() - timedelta(minutes=2))
    Quarantine.objects.create(reason="restored from yesterday")
    assert found_by() == {}
    assert found_by(full=True) == {}


def test_a_leaver_whose_token_lets_in(engineer: User) -> None:
    issue_token(engineer, actor=SYSTEM, name="left over")
    assert found_by() == {}
    User.objects.filter(pk=engineer.pk).update(is_active=False)
    assert found_by() == {"I16": [engineer.username]}


def test_a_stopped_agent_whose_token_or_consent_lets_in(engineer: User, as_actor: Callable[..., Actor]) -> None:
    at, owner = timezone.now(), as_actor(engineer)
    agent = agents.connect(actor=owner, name="x", capabilities=["gate"], at=at)
    token, _text = agents.issue_token(agent, actor=owner, at=at)
    assert found_by() == {}
    Agent.objects.filter(pk=agent.pk).update(stopped_at=at, stopped_by=engineer)
    assert found_by() == {"I16": [agent.reference]}
    Token.objects.filter(pk=token.pk).update(revoked_at=at)
    assert found_by() == {}
    client = OAuthClient.objects.create(client_id="x", redirect_uris=["http://127.0.0.1/"], registered_at=at)
    OAuthGrant.objects.create(
        client=client, agent=agent, capabilities=["gate"], resource="x", granted_at=at, expires_at=at + timedelta(1)
    )
    assert found_by() == {"I16": [agent.reference]}


def test_a_token_of_an_agent_that_holds_everything(engineer: User, as_actor: Callable[..., Actor]) -> None:
    at, owner = timezone.now(), as_actor(engineer)
    agent = agents.connect(actor=owner, name="x", capabilities=["gate"], at=at)
    token, _text = agents.issue_token(agent, actor=owner, hours=24, at=at)
    assert found_by() == {}
    Token.objects.filter(pk=token.pk).update(scopes=None)
    assert found_by() == {"I16": [agent.reference]}


def test_bytes_that_are_gone(agent: User, as_actor: Callable[..., Actor]) -> None:
    from incidents.incident.operations.conversation import add_note

    one = open_incident(actor=as_actor(agent), title="Slow")
    note = add_note(one, actor=as_actor(agent), text="See", private=False)
    kept = Attachment.objects.create(
        record_kind="incident", record_id=one.pk, note=note, name="x.txt", size=1, sha256="b" * 64,
        shown_type="text/plain", state="clean", by=agent, at=timezone.now(),
    )  # fmt: skip
    assert found_by(full=True) == {"I17": [f"attachment {kept.pk}"]}
    place = store.folder("bb") / ("b" * 64)
    place.write_bytes(b"other")
    assert found_by(full=True) == {"I17": [f"attachment {kept.pk}"]}


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_rows_are_kept", "audit_entry"),
        ("DROP TRIGGER audit_entry_rows_are_kept ON audit_entry", "audit_entry"),
        (
            "CREATE OR REPLACE FUNCTION audit_entry_rows_are_kept() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NEW; END $$",
            "audit_entry",
        ),
        ("ALTER TABLE changes_decision DROP CONSTRAINT no_approval_is_blind", "changes_decision"),
        ("DROP INDEX one_live_evaluation_per_change", "changes_evaluation"),
    ],
)
def test_a_guard_that_was_taken_away(db: None, statement: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert found_by() == {"I18": [table]}


def test_an_entry_of_tomorrow(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (at, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes,"
            " remark, request_id) VALUES (now() + interval '1 hour', 'x', 'system', 'task', 'x.x', 'x', 1, 'x', '{}', '', '')"
        )
    assert set(found_by()) == {"I20"}


# --- D17 -----------------------------------------------------------------------------------------


def test_a_hundred_rows_that_were_deleted_are_found(engineer: User, manager: User) -> None:
    """Of timers, of the intake's queue and of the outbox, at random."""
    now = timezone.now()
    waiting = Confirmation.objects.bulk_create(
        Confirmation(
            action=f"x{number}", record_kind="service", record_id=number, record_reference="x", subject="x", payload={},
            payload_hash=str(number), differences=[], services=[], roles=["manager"], proposed_by=manager,
            person=manager, excluded=[manager.pk], proposed_at=now, expires_at=now + timedelta(days=1),
        )
        for number in range(50)
    )  # fmt: skip
    mails = IncomingMail.objects.bulk_create(
        IncomingMail(sha256=f"{number:064x}", size=1, received_at=now) for number in range(50)
    )
    for one in waiting:
        due.schedule("approvals: a confirmation expires", one.kind, one.pk, one.expires_at)
    for mail in mails:
        due.schedule("mail.apply", mail.kind, mail.pk, now)
    for number in range(50):
        notify([engineer], f"Word {number}")
    Notification.objects.update(is_mailed=True)
    told = list(Notification.objects.all())
    assert found_by() == {}
    chosen = random.Random(17).sample([*waiting, *mails, *told], 100)
    gone = {one.reference if not isinstance(one, Notification) else f"notification-{one.pk}" for one in chosen}
    with connection.cursor() as cursor:
        for one in chosen:
            if isinstance(one, Notification):
                cursor.execute("DELETE FROM notifications_delivery WHERE key = %s", [f"notification-{one.pk}"])
            else:
                cursor.execute("DELETE FROM clocks_due WHERE record_kind = %s AND record_id = %s", [one.kind, one.pk])
            assert cursor.rowcount == 1
    found = found_by()
    assert set(found) == {"I10", "I15"}
    assert {*found["I10"], *found["I15"]} == gone
    assert len(found["I10"]) + len(found["I15"]) == 100


def test_answers_are_asked_for_at_all(db: None) -> None:
    """Nothing is left out because it was not registered."""
    from itsm.invariants.known import known

    assert [one.id for one in known()] == [f"I{number}" for number in range(1, 21)]
    assert {one.id for one in known() if one.closes_gate} == {*(f"I{number}" for number in range(1, 9)), "I18", "I20"}
    assert ApprovalDecision is not None
