"""What the auditor found is kept, told, shown to the gate, and cleared by people: step by step."""

import io
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import InternalError, ProgrammingError, connection, transaction
from django.utils import timezone

from changes.change.operations import deploying
from changes.models import Evaluation
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.accounts.step_up import is_proven
from itsm.approvals import confirming
from itsm.audit import anchors
from itsm.audit.recording import record_event
from itsm.audit_trail import anchoring
from itsm.clocks import due, heartbeat, late
from itsm.clocks.models import Heartbeat
from itsm.invariants import Found, concerned, operations, reading, telling
from itsm.invariants.asking import Answer
from itsm.invariants.known import called, known
from itsm.invariants.management.commands import audit_invariants
from itsm.invariants.models import Auditor, InvariantCheck, Violation
from itsm.invariants.platform import history
from itsm.invariants.rounds import round_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import (
    AuthorisationRevoked,
    InvalidInput,
    NotPermitted,
    PasswordNeeded,
    StaleVersion,
    WrongState,
)
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Notification
from tests.conftest import SYSTEM
from tests.factories.changes import ask
from tests.itsm.rivals import rivals

pytestmark = [pytest.mark.django_db, pytest.mark.writes_behind("I15")]
NOW = timezone.now
REASON = "A row was written by hand during the move; it is put back, and the hand is known."


def answer(name: str = "I1", *references: str, failed: str = "", kind: str = "change") -> Answer:
    invariant = called(name)
    assert invariant is not None
    question = invariant.questions[0].name
    found = tuple((question, Found(kind, one)) for one in references)
    return Answer(invariant, found, len(found), failed)


def violated(name: str = "I1", *references: str, kind: str = "change") -> Violation:
    operations.keep([answer(name, *(references or ("CHG-99999",)), kind=kind)], at=NOW())
    return Violation.objects.open().get(invariant=name)


# --- Keeping -------------------------------------------------------------------------------------


def test_a_violation_begins_goes_on_holds_again_and_comes_back() -> None:
    one = violated("I1", "CHG-00001", "CHG-00002")
    assert (one.count, one.closes_gate, one.holds_since) == (2, True, None)
    assert due.promised(operations.TELL, one.kind, one.pk) is not None
    operations.keep([answer("I1", "CHG-00001")], at=NOW())
    one.refresh_from_db()
    assert (one.count, [row["reference"] for row in one.sample]) == (1, ["CHG-00001"])
    operations.keep([answer("I1")], at=NOW())
    one.refresh_from_db()
    assert one.holds_since is not None
    assert one.is_open  # a person clears it, nobody else
    operations.keep([answer("I1", "CHG-00001")], at=NOW())
    one.refresh_from_db()
    assert one.holds_since is None
    assert Violation.objects.count() == 1


def test_what_could_not_be_asked_is_not_known_to_hold() -> None:
    one = violated()
    Auditor.objects.update(looked_at=NOW() - timedelta(hours=1))
    operations.keep([answer("I1", failed="started: OperationalError")], at=NOW())
    one.refresh_from_db()
    assert one.holds_since is None
    assert Auditor.objects.get().looked_at < NOW() - timedelta(minutes=59)
    assert InvariantCheck.objects.get(pk="I1").failed
    operations.keep([answer("I16", failed="sessions: OperationalError")], at=NOW())  # the gate rests on others
    assert Auditor.objects.get().looked_at > NOW() - timedelta(minutes=1)


def test_a_glance_at_what_is_new_does_not_say_that_it_holds_again() -> None:
    one = violated()
    part = Answer(called("I1"), whole=False)  # type: ignore[arg-type]
    operations.keep([part], at=NOW())
    one.refresh_from_db()
    assert one.holds_since is None


# --- The gate ------------------------------------------------------------------------------------


def test_people_decide_until_somebody_clears_it(
    let_go: Evaluation, asker: Actor, admin: User, as_actor: Callable[..., Actor]
) -> None:
    one = violated("I3", "ask-1", kind="ask")
    with pytest.raises(AuthorisationRevoked, match="I3"):
        deploying.start_deployment(let_go.change, actor=asker, at=NOW(), artifact_digest=let_go.change.artifact_digest)
    again = ask(let_go.change.service, asker, NOW(), change_class="standard")
    assert (again.status, again.outcome) == ("pending", "peer")
    assert "invariant_violated" in {reason["code"] for reason in again.decision.verdict["reasons"]}
    operations.keep([answer("I3")], at=NOW())
    one.refresh_from_db()
    operations.clear(one, actor=as_actor(admin), reason=REASON, version=one.version, at=NOW())
    later = ask(let_go.change.service, asker, NOW(), change_class="standard", artifact_digest=f"sha256:{9:064x}")
    assert later.outcome == "approved"


def test_what_does_not_close_the_gate_leaves_it_alone(let_go: Evaluation, asker: Actor) -> None:
    violated("I16", "somebody", kind="account")
    assert ask(let_go.change.service, asker, NOW(), change_class="standard").outcome == "approved"


@pytest.mark.parametrize(
    ("silent", "outcome"), [(timedelta(minutes=5, seconds=10), "peer"), (timedelta(minutes=4), "approved")]
)
def test_an_auditor_that_is_silent_leads_to_people(
    let_go: Evaluation, asker: Actor, silent: timedelta, outcome: str
) -> None:
    Auditor.objects.create(looked_at=NOW() - silent)
    found = ask(let_go.change.service, asker, NOW(), change_class="standard", artifact_digest=f"sha256:{9:064x}")
    assert found.outcome == outcome
    codes = {reason["code"] for reason in found.decision.verdict["reasons"]}
    assert ("invariants_unaudited" in codes) == (outcome == "peer")


# --- Telling -------------------------------------------------------------------------------------


def test_it_is_told_once_and_opens_one_p1(admin: User, engineer: User) -> None:
    one = violated()
    assert due.sweep(NOW(), lanes=(Lane.PAGING,)) == 1
    telling.tell(one.pk, NOW())  # done again
    incident = Incident.objects.get()
    one.refresh_from_db()
    assert (incident.priority, one.incident) == (1, incident.reference)
    assert "I1" in incident.title
    told = Notification.objects.filter(event="invariant_violation.created")
    assert [row.to for row in told] == [admin]
    assert told[0].path == "/operations/invariants/I1/"


def test_a_second_violation_of_it_is_the_same_incident(admin: User, as_actor: Callable[..., Actor]) -> None:
    first = violated()
    telling.tell(first.pk, NOW())
    operations.keep([answer("I1")], at=NOW())
    first.refresh_from_db()
    operations.clear(first, actor=as_actor(admin), reason=REASON, version=first.version, at=NOW())
    second = violated()
    assert second != first
    telling.tell(second.pk, NOW())
    second.refresh_from_db()
    first.refresh_from_db()
    assert second.incident == first.incident
    assert Incident.objects.count() == 1


def test_the_watch_tells_what_the_lane_did_not_and_hears_silence(admin: User) -> None:
    one = violated()
    Violation.objects.update(first_seen_at=NOW() - timedelta(minutes=2))
    done = late.look(NOW())
    assert (done.found["violations_untold"], done.left["violations_untold"]) == (1, 0)
    one.refresh_from_db()
    assert one.told_at is not None

    Auditor.objects.update(looked_at=NOW() - timedelta(minutes=4, seconds=50))
    assert late.look(NOW()).found["auditor"] == 0
    Auditor.objects.update(looked_at=NOW() - timedelta(minutes=5, seconds=10))
    assert late.look(NOW()).left["auditor"] == 1  # so HEADROOM_HEARTBEAT_URL is asked no more
    late.look(NOW())
    assert Notification.objects.filter(event="auditor.silent").count() == 1
    operations.keep([answer("I1")], at=NOW())
    assert late.look(NOW()).left["auditor"] == 0


# --- Clearing ------------------------------------------------------------------------------------


def test_who_may_clear_it(
    let_go: Evaluation,
    admin: User,
    engineer: User,
    auditor: User,
    pipeline: User,
    owner: User,
    as_actor: Callable[..., Actor],
) -> None:
    one = violated("I1", let_go.change.reference)
    operations.keep([answer("I1")], at=NOW())
    one.refresh_from_db()
    for nobody in (engineer, auditor, pipeline):
        with pytest.raises(NotPermitted):
            operations.clear(one, actor=as_actor(nobody), reason=REASON, version=one.version, at=NOW())
    with pytest.raises(InvalidInput):
        operations.clear(one, actor=as_actor(admin), reason="mended", version=one.version, at=NOW())
    with pytest.raises(StaleVersion):
        operations.clear(one, actor=as_actor(admin), reason=REASON, version=one.version + 1, at=NOW())
    unproven = as_actor(admin).__class__(**{**_values(as_actor(admin)), "proved_at": None})
    assert not is_proven(unproven)
    with pytest.raises(PasswordNeeded):
        operations.clear(one, actor=unproven, reason=REASON, version=one.version, at=NOW())
    User.objects.filter(pk=pipeline.owner_id).update(roles=["admin"])
    behind_it = User.objects.get(pk=pipeline.owner_id)
    with pytest.raises(NotPermitted):
        operations.clear(one, actor=as_actor(behind_it), reason=REASON, version=one.version, at=NOW())
    operations.clear(one, actor=as_actor(admin), reason=REASON, version=one.version, at=NOW())
    one.refresh_from_db()
    assert (one.cleared_by, one.cleared_because) == (admin, REASON)
    with pytest.raises(WrongState):
        operations.clear(one, actor=as_actor(admin), reason=REASON, version=one.version, at=NOW())


def test_who_stands_behind_what_was_found_does_not_clear_it_whatever_their_interest_in_services(
    admin: User, manager: User, pipeline: User, as_actor: Callable[..., Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=pipeline.pk).update(owner=admin)
    by_a_program = concerned.Concerned(accounts=frozenset({pipeline.pk}))
    monkeypatch.setitem(concerned._found_by, "thing", lambda names: by_a_program)
    one = violated("I3", "thing-1", kind="thing")
    with pytest.raises(NotPermitted, match="stands behind what was found"):
        operations.clear(one, actor=as_actor(admin), reason=REASON, version=one.version, at=NOW())
    assert operations.clear(one, actor=as_actor(manager), reason=REASON, version=one.version, at=NOW()).awaits


def _values(actor: Actor) -> dict[str, Any]:
    return {name: getattr(actor, name) for name in actor.__slots__}


def test_what_does_not_hold_stands_on_two_names(admin: User, manager: User, as_actor: Callable[..., Actor]) -> None:
    one = violated("I3", "ask-1", kind="ask")
    proposed = operations.clear(one, actor=as_actor(admin), reason=REASON, version=one.version, at=NOW())
    assert proposed.awaits is not None
    assert Violation.objects.get().is_open
    with pytest.raises(NotPermitted):
        confirming.confirm(proposed.awaits, actor=as_actor(admin), at=NOW(), version=proposed.awaits.version)
    confirming.confirm(proposed.awaits, actor=as_actor(manager), at=NOW(), version=proposed.awaits.version)
    one.refresh_from_db()
    assert (one.cleared_by, one.accepted[0][2]) == (admin, "ask-1")
    operations.keep([answer("I3", "ask-1", kind="ask")], at=NOW())
    assert not Violation.objects.open().exists()  # that very thing stands
    operations.keep([answer("I3", "ask-1", "ask-2", kind="ask")], at=NOW())
    again = Violation.objects.open().get()
    assert (again.count, [row["reference"] for row in again.sample]) == (1, ["ask-2"])


def test_other_things_found_meanwhile_are_not_accepted_unseen(
    admin: User, manager: User, as_actor: Callable[..., Actor]
) -> None:
    one = violated("I3", "ask-1", kind="ask")
    proposed = operations.clear(one, actor=as_actor(admin), reason=REASON, version=one.version, at=NOW())
    operations.keep([answer("I3", "ask-1", "ask-2", kind="ask")], at=NOW())
    with pytest.raises(WrongState):
        confirming.confirm(proposed.awaits, actor=as_actor(manager), at=NOW(), version=proposed.awaits.version)
    assert Violation.objects.get().is_open


# --- As another role -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_round_asks_as_a_role_that_only_reads_and_the_command_says_what_it_found(admin: User) -> None:
    role = settings.AUDITOR_DATABASE.get("USER")
    if not role:
        pytest.skip("needs the launcher's role of the auditor")
    call_command("grant_application_rights", role=role, auditor=role, stdout=io.StringIO())
    with reading.reading():
        assert reading.asked_as() == role
        assert User.objects.filter(pk=admin.pk).exists()
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            User.objects.update(name="Somebody else")
    assert connection.settings_dict["USER"] != role

    for statement in ("UPDATE accounts_user SET name = ''", "DELETE FROM audit_entry", "CREATE TABLE x (y int)"):
        raw = psycopg2.connect(**{**_address(), "user": role, "password": settings.AUDITOR_DATABASE["PASSWORD"]})
        with raw.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off; COMMIT; BEGIN READ WRITE")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
        raw.close()

    due.schedule("mail.fetch", "mailbox", 1, NOW() - timedelta(minutes=5))
    answers = {one.invariant.id: one.count for one in round_of()}
    assert (answers["I15"], answers["I1"]) == (1, 0)
    assert Auditor.objects.get().role == role
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit_invariants", once=True, full=True, json=True, stdout=out)
    assert ended.value.code == 1
    said = json.loads(out.getvalue())
    assert said["I15"]["found"][0]["reference"] == "mail.fetch"
    assert Violation.objects.get().invariant == "I15"
    due.cancel("mailbox", 1, "mail.fetch")
    call_command("audit_invariants", once=True, stdout=io.StringIO())
    assert Violation.objects.get().holds_since is not None
    due.schedule("mail.fetch", "mailbox", 1, NOW() - timedelta(minutes=5))
    before = Auditor.objects.get()
    assert before.looked_at_all_at is not None
    audit_invariants.Command(stdout=io.StringIO()).keep_asking(_Turns(len(known()) + 1), as_json=False)
    assert Violation.objects.get().holds_since is not None  # it began just now: what was due meanwhile is being done
    after = Auditor.objects.get()
    assert after.looked_at > before.looked_at
    assert after.looked_at_all_at > before.looked_at_all_at
    assert {one.invariant for one in InvariantCheck.objects.exclude(asked_all_at=None)} == {one.id for one in known()}
    assert Heartbeat.objects.filter(pk=heartbeat.auditor_here()).exists()
    reading.close()


class _Turns(threading.Event):
    """Lets a program go on for so many turns, without a pause."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self.left = turns

    def is_set(self) -> bool:
        return self.left <= 0

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.is_set()


def _address() -> dict[str, Any]:
    known = connection.settings_dict
    return {"dbname": known["NAME"], "host": known["HOST"], "port": known["PORT"]}


@pytest.mark.django_db(transaction=True)
def test_what_is_anchored_while_the_auditor_reads_is_no_history_that_is_gone(
    settings: Any, tmp_path: Path, engineer: User
) -> None:
    """It sees the state of when it began; the files that lie outside are those of now."""
    settings.ANCHORS_DIR = str(tmp_path)

    def goes_on() -> None:
        with transaction.atomic():
            record_event("account.edited", engineer, actor=SYSTEM, remark="as it was")
        anchoring.anchor(NOW())

    goes_on()
    with rivals() as begin, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")  # as it reads
        assert list(history.chain_whole(NOW())) == []
        begin(goes_on).result()
        assert len(anchors.read(tmp_path)) == 2
        assert list(history.chain_whole(NOW())) == []
    one = replace(anchors.read(tmp_path)[0], number=9)  # of which the database knows nothing
    with transaction.atomic():
        assert history._of_this_state([replace(one, at=NOW())]) == []
        old = replace(one, at=NOW() - timedelta(minutes=11))
        assert history._of_this_state([old]) == [old]
