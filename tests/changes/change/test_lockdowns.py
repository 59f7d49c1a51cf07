"""A lockdown's life: two people, everything in flight on hold, and every change back in its place."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from changes.calendar.operations import lockdowns, windows
from changes.change.operations import deploying, editing, pausing, people_decide
from changes.change.operations.previewing import whom_it_hits
from changes.change.workflow import Status
from changes.models import CalendarOccurrence, CalendarWindow, Change, Evaluation, LockdownHold
from itsm.accounts.models import User
from itsm.approvals.queries import waiting_for
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted, StaleVersion, WrongState
from slo.models import Reservation
from tests.factories.changes import (
    a_measured_service,
    a_model,
    a_window,
    ask,
    change_of,
    restate,
)
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def service(owning: Actor) -> Any:
    service = a_measured_service()
    a_model(service, owning, rollback_tested=True)
    return service


@pytest.fixture
def second(person: Any, as_actor: Any) -> Actor:
    return as_actor(person("manager", username="second"))


def drafted(actor: Actor, at: Any = T0, **words: Any) -> CalendarWindow:
    said = {"window_type": "lockdown", "name": "Attack", "reason": "Now.", "starts_at": T0, "ends_at": T0 + 3 * HOUR}
    return windows.add_window(actor=actor, at=at, **(said | words))


def enforced(managing: Actor, second: Actor, at: Any = T0, **words: Any) -> CalendarWindow:
    window = drafted(managing, at, **words)
    lockdowns.submit(window, actor=managing, at=at)
    return lockdowns.approve(window, actor=second, at=at)


def states(*evaluations: Evaluation) -> list[str]:
    return [Change.objects.get(pk=one.change_id).status for one in evaluations]


def test_nothing_is_held_before_a_second_person_approved_what_is_written(
    service: Any, asker: Actor, managing: Actor, second: Actor, approving: Actor
) -> None:
    evaluation = ask(service, asker, change_class="standard")
    window = drafted(managing)
    assert (window.status, CalendarOccurrence.objects.count()) == ("draft", 0)
    with pytest.raises(WrongState):
        lockdowns.approve(window, actor=second, at=T0)
    with pytest.raises(WrongState):
        windows.lift_window(window, actor=second, version=window.version, at=T0)
    window = lockdowns.submit(window, actor=managing, at=T0)
    assert [one.record_id for one in waiting_for(second)] == [window.pk]
    assert not waiting_for(managing).exists()
    for refused in (managing, approving, asker, Actor.system("tests")):
        with pytest.raises(NotPermitted):
            lockdowns.approve(window, actor=refused, at=T0)
    with pytest.raises(MissingInformation):
        lockdowns.decline(window, actor=second, at=T0)
    assert lockdowns.decline(window, actor=second, at=T0, comment="Too wide.").status == "draft"
    lockdowns.submit(window, actor=managing, at=T0)
    CalendarWindow.objects.filter(pk=window.pk).update(tiers=[1])
    with pytest.raises(WrongState, match="changed since"):
        lockdowns.approve(window, actor=second, at=T0)
    lockdowns.revert(window, actor=managing, at=T0)
    assert lockdowns.cancel(window, actor=managing, at=T0).status == "cancelled"
    assert states(evaluation) == [Status.SCHEDULED]
    late = drafted(managing)
    with pytest.raises(InvalidInput):
        lockdowns.submit(late, actor=managing, at=T0 + 3 * HOUR)
    with pytest.raises(InvalidInput):
        drafted(managing, rrule="FREQ=DAILY", zone="UTC")
    for forged in ({"status": "enforced"}, {"status": "enforced", "enforced_by": managing.id, "enforced_at": T0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarWindow.objects.filter(pk=late.pk).update(**forged)


def test_a_draft_is_written_anew_and_nobody_approves_what_they_wrote_of_it(
    service: Any, asker: Actor, managing: Actor, second: Actor, person: Any, as_actor: Any, api: Any, client: Any
) -> None:
    third = person("manager", username="third")
    window = drafted(managing, environments=["production"])
    with pytest.raises(NotPermitted):
        lockdowns.edit_draft(window, actor=asker, version=1, at=T0, name="Mine")
    with pytest.raises(StaleVersion):
        lockdowns.edit_draft(window, actor=second, version=9, at=T0, name="Old")
    for odd in ({"ends_at": T0}, {"with_dependents": True}, {"change_kinds": ["odd"]}, {"ends_at": T0 - HOUR}):
        with pytest.raises(InvalidInput):
            lockdowns.edit_draft(window, actor=second, version=1, at=T0, **odd)
    window = lockdowns.edit_draft(window, actor=second, version=1, at=T0, services=[service], with_dependents=True)
    assert (window.version, window.name, window.environments) == (2, "Attack", ["production"])
    window = lockdowns.edit_draft(window, actor=second, version=2, at=T0, services=[service])
    assert window.version == 2, "nothing changed"
    only_named = lockdowns.edit_draft(window, actor=second, version=2, at=T0, with_dependents=False, services=[])
    assert (only_named.version, only_named.services.count()) == (3, 0)
    assert not CalendarOccurrence.objects.exists()
    lockdowns.submit(window, actor=managing, at=T0)
    with pytest.raises(WrongState):
        lockdowns.edit_draft(window, actor=managing, version=4, at=T0, name="While it is read")
    with pytest.raises(NotPermitted):  # who wrote a part of it is no second person
        lockdowns.approve(window, actor=second, at=T0)
    assert lockdowns.approve(window, actor=as_actor(third), at=T0).status == "enforced"


def test_a_draft_is_edited_by_page_and_rest(managing: Actor, person: Any, api: Any, client: Any, service: Any) -> None:
    third, now = person("manager", username="third"), timezone.now()
    window = drafted(managing, at=now, starts_at=now, ends_at=now + 9 * HOUR)
    address = f"/api/v1/calendar-windows/{window.pk}/"
    rest = api(third)
    said = {"reason": "Still.", "scope": {"services": [service.slug], "tiers": [2]}}
    assert rest.patch(address, said, content_type="application/json").status_code == 428
    answer = rest.patch(address, said, content_type="application/json", HTTP_IF_MATCH=rest.get(address)["ETag"])
    scope = answer.json()["scope"]
    assert (answer.status_code, scope["tiers"], scope["services"]) == (200, [2], [service.slug])
    assert (answer.json()["name"], answer.json()["reason"], answer.json()["version"]) == ("Attack", "Still.", 2)
    client.force_login(third)
    page = client.get(f"{window.get_absolute_url()}edit/")
    form = page.context["form"]
    assert form.initial["services"] == [service.slug]
    typed = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    typed |= {name: f"{typed[name].astimezone():%Y-%m-%dT%H:%M}" for name in ("starts_at", "ends_at")}
    saved = client.post(f"{window.get_absolute_url()}edit/", typed | {"name": "Attack on us", "version": 2})
    assert saved.status_code == 302
    window.refresh_from_db()
    assert (window.name, window.tiers, window.services.get()) == ("Attack on us", [2], service)
    assert "Edit" in client.get(window.get_absolute_url()).content.decode()
    lockdowns.submit(window, actor=managing, at=now)
    assert client.get(f"{window.get_absolute_url()}edit/").status_code == 409


def test_enforced_it_holds_what_may_start_and_lifted_each_has_its_place_again(
    service: Any, person: Any, as_actor: Any, managing: Actor, second: Actor
) -> None:
    """Room for two at 5 % left: the first in the queue get it again, whoever was held by a person stays."""
    restate(service, "constrained", T0, remaining="0.05")
    askers = [as_actor(person("engineer", username=f"asker-{number}")) for number in range(5)]
    first, other, paused = (ask(service, one, change_class="standard") for one in askers[:3])
    assert states(first, other, paused)[:2] == [Status.SCHEDULED] * 2
    pausing.put_on_hold(paused.change, actor=askers[2], at=T0, hold_reason="A part is missing")
    runs = ask(a_measured_service(), askers[3])
    hits = whom_it_hits(actor=managing, at=T0, window_type="lockdown", starts_at=T0, ends_at=T0 + 3 * HOUR)
    assert {first.change_id, other.change_id} <= {one.pk for one in hits}
    window = enforced(managing, second)
    assert states(first, other, paused) == [Status.ON_HOLD] * 3
    first.refresh_from_db()
    assert (first.status, first.ended_because) == ("cancelled", "lockdown “Attack”")
    assert not Reservation.objects.filter(released_at=None).exists()
    assert LockdownHold.objects.filter(window=window, ended_at=None).count() == 2
    late = ask(service, askers[4], change_class="standard")
    assert late.outcome == "postponed"
    windows.lift_window(window, actor=second, version=CalendarWindow.objects.get().version, at=T0 + MINUTE)
    assert due.sweep(T0 + MINUTE) >= 2
    due.sweep(T0 + MINUTE + timedelta(seconds=1))
    assert states(first, other, paused) == [Status.SCHEDULED, Status.SCHEDULED, Status.ON_HOLD]
    assert states(late) == [Status.ASSESSING], "who came later waits behind them"
    assert set(LockdownHold.objects.values_list("what_became", flat=True)) == {"the gate was asked anew"}
    assert runs.status == "pending"


def test_one_that_begins_later_holds_from_then_on_and_ends_by_itself(
    service: Any, asker: Actor, managing: Actor, second: Actor
) -> None:
    evaluation = ask(service, asker, change_class="standard")
    soon = T0 + 20 * MINUTE
    enforced(managing, second, starts_at=soon, ends_at=soon + HOUR)
    assert states(evaluation) == [Status.SCHEDULED], "it may go until then"
    due.sweep(soon)
    assert states(evaluation) == [Status.ON_HOLD]
    restate(service, "healthy", soon + HOUR)
    due.sweep(soon + HOUR)  # it ends, and owes what it held
    due.sweep(soon + HOUR)
    assert states(evaluation) == [Status.SCHEDULED]


def test_whose_way_back_was_taken_out_meanwhile_is_a_draft_again(
    engineer: User, approver: User, as_actor: Any, managing: Actor, second: Actor
) -> None:
    by = as_actor(engineer)
    asked = ask(a_measured_service("no_data", tier=1), by, backout="Deploy the last version.")
    people_decide.decide_by_person(asked.change, actor=as_actor(approver), decision="approve", comment="", at=T0)
    window = enforced(managing, second)
    held = Change.objects.get(pk=asked.change_id)
    assert held.status == Status.ON_HOLD
    editing.edit(held, actor=by, version=held.version, at=T0, backout="")
    windows.lift_window(window, actor=second, version=CalendarWindow.objects.get().version, at=T0 + HOUR)
    due.sweep(T0 + HOUR)
    assert states(asked) == [Status.DRAFT]
    assert LockdownHold.objects.get().what_became == "its way back was taken out while a lockdown held it"


def test_what_was_moved_on_meanwhile_or_missed_its_window_is_not_asked_about(
    service: Any, asker: Actor, person: Any, as_actor: Any, managing: Actor, second: Actor
) -> None:
    other = as_actor(person("engineer", username="other"))
    missed = ask(service, asker, change_class="standard", window=(T0, T0 + HOUR))
    resumed = ask(service, other, change_class="standard")
    assert states(missed, resumed) == [Status.SCHEDULED] * 2
    window = enforced(managing, second)
    pausing.resume(Change.objects.get(pk=resumed.change_id), actor=other, at=T0 + MINUTE)
    later = T0 + 2 * HOUR
    restate(service, "healthy", later)
    windows.lift_window(window, actor=second, version=CalendarWindow.objects.get().version, at=later)
    due.sweep(later)
    assert states(missed, resumed)[0] == Status.DRAFT
    assert set(LockdownHold.objects.values_list("what_became", flat=True)) == {
        "its window ended while a lockdown held it",
        "somebody had moved it on before",
    }
    assert Evaluation.objects.filter(change=resumed.change_id).count() == 2


def test_what_runs_goes_on_and_what_a_person_approved_is_held_too(
    service: Any, asker: Actor, approving: Actor, managing: Actor, second: Actor
) -> None:
    runs = ask(service, asker, change_class="standard")
    deploying.start_deployment(runs.change, artifact_digest=runs.change.artifact_digest, actor=asker, at=T0)
    approved = ask(a_measured_service(), asker)
    people_decide.decide_by_person(approved.change, actor=approving, decision="approve", comment="", at=T0)
    enforced(managing, second)
    assert states(runs, approved) == [Status.RUNNING, Status.ON_HOLD]


def test_it_is_for_the_kinds_of_change_that_are_proven_not_claimed(
    service: Any, asker: Actor, owning: Actor, managing: Actor, second: Actor
) -> None:
    """One of standard changes leaves a normal one alone, and the gate says so by its evidence."""
    bare = a_measured_service()
    standard, normal = ask(service, asker, change_class="standard"), ask(bare, asker)
    window = drafted(managing, change_kinds=["standard"])
    hits = whom_it_hits(
        actor=managing, at=T0, window_type="lockdown", starts_at=T0, ends_at=T0 + HOUR, change_kinds=["standard"]
    )
    assert [one.pk for one in hits] == [standard.change_id]
    lockdowns.submit(window, actor=managing, at=T0)
    lockdowns.approve(window, actor=second, at=T0)
    assert states(standard, normal) == [Status.ON_HOLD, Status.ASSESSING]
    anew = ask(bare, asker, summary="Another", purpose="security_fix")
    assert anew.outcome != "postponed"
    a_window(managing, window_type="freeze", name="Fixes", starts_at=T0, ends_at=T0 + HOUR, change_kinds=["normal"])
    claimed = ask(bare, asker, summary="Claims", purpose="security_fix")
    assert claimed.outcome == "postponed", "a claim opens nothing"
    assert change_of(claimed).not_before == T0 + HOUR
    for kinds, window_type in ((["standard"], "maintenance"), (["Standard"], "freeze")):
        with pytest.raises(InvalidInput):
            drafted(managing, window_type=window_type, change_kinds=kinds)
