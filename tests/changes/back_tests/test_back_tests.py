"""A draft decides the past again: what it would have let through, what it would have stopped, whose time it spares."""

import json
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import get_args, get_origin, get_type_hints

import pytest
from django.db import connection

from changes.back_tests import operations, queries
from changes.back_tests.operations import working
from changes.back_tests.rules import PAST
from changes.gate.canonical import from_json, sha256_of
from changes.gate.decide import answer, decide
from changes.gate.evidence import Evidence
from changes.gate.facts import Fact
from changes.gate.policy import policy_from_json
from changes.gate.policy_default import default_policy
from changes.models import BackTest, BackTestDifference, BackTestSlice, Decision
from changes.policies import operations as policies
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, WrongState
from itsm.work.models import Link
from tests.changes.back_tests.past import a_kinder_draft, is_over, ten_changes
from tests.changes.gate.scenes import evidence
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def run_of(draft, keeper, **period):
    said = {"since": T0 - DAY, "until": T0 + DAY} | period
    run = operations.ask(draft, actor=keeper, at=T0 + 2 * DAY, **said)
    assert operations.go_on() == 0
    run.refresh_from_db()
    return run


def test_ten_changes_fall_into_their_quadrants(asker, approving, managing):
    """Golden: five smooth, one escaped, two that people would be asked about for nothing, one stopped, one unknown."""
    changes = ten_changes(asker, approving)
    run = run_of(a_kinder_draft(managing), managing)
    found = queries.tally(run)
    assert found.counts == {"smooth": 5, "escaped": 1, "friction": 2, "stopped": 1, "unknown": 1}
    assert (run.state, found.changes, found.percent, sum(found.refused.values())) == ("done", 10, 100, 0)
    assert (found.hours_spared, found.hours_added, found.hours_saved) == (2.0, 0.0, 2.0)
    differing = {one.decision.change_id: one for one in queries.differences(run)}
    assert sorted(differing) == sorted(one.change_id for one in changes[:6])
    escaped = differing[changes[2].change_id]
    assert (escaped.outcome_then, escaped.outcome_now, escaped.quadrant) == ("peer", "approved", "escaped")


def test_both_verdicts_stand_side_by_side(asker, approving, managing):
    ten_changes(asker, approving)
    run = run_of(a_kinder_draft(managing), managing)
    one = queries.differences(run).first()
    pair = queries.side_by_side(one.decision, queries.policy_of(run))
    assert (pair.then.verdict.outcome, pair.now.verdict.outcome) == ("peer", "approved")
    assert pair.then.verdict.evidence_hash == one.decision.evidence_hash


def test_where_the_draft_asks_people_anew_their_time_is_reckoned(asker, approving, managing, admin):
    ten_changes(asker, approving)
    kinder = a_kinder_draft(managing)
    policies.propose_draft(kinder, actor=managing, at=T0)  # what it froze is a policy like any other
    approved = Decision.objects.filter(outcome="peer").order_by("id")[:3]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE changes_decision DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE changes_decision SET outcome = 'exception' WHERE id = ANY(%s)", [[one.pk for one in approved][1:]]
        )
        cursor.execute("ALTER TABLE changes_decision ENABLE TRIGGER USER")
    strict = policies.start_draft(actor=managing, title="As it is", at=T0)
    found = queries.tally(run_of(strict, managing))
    assert (found.hours_added, found.hours_saved) == (4.0, -4.0)  # two more, two hours each


@pytest.mark.parametrize("how", ["rolled back", "named as the cause of an incident"])
def test_a_later_fact_says_how_it_went_and_is_no_evidence(how, asker, managing, world):
    asked = ask(a_measured_service(), asker)
    change = is_over(asked, "successful", rolled_back=how == "rolled back")
    if how != "rolled back":
        Link.objects.create(from_kind="change", from_id=change.pk, to_kind="incident", to_id=1, meaning="caused", at=T0)
    found = queries.tally(run_of(a_kinder_draft(managing), managing))
    assert found.counts["escaped"] == 1


def planted(decision, spoil, *, rehash=True):
    """Evidence as somebody with the owner's rights could change it; its hash as well."""
    plain = decision.evidence
    spoil(plain)
    known_by = sha256_of({"evidence": plain, "policy": decision.policy.hash}) if rehash else decision.evidence_hash
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE changes_decision DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE changes_decision SET evidence = %s::jsonb, evidence_hash = %s WHERE id = %s",
            [json.dumps(plain), known_by, decision.pk],
        )
        cursor.execute("ALTER TABLE changes_decision ENABLE TRIGGER USER")


def seen_a_minute_later(plain):
    plain["history"]["observed_at"] = (T0 + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")


def measured_a_minute_later(plain):
    budget = next(iter(plain["reach"]["value"]["direct"][0]["budgets"].values()))
    budget["value"]["watermark"] = (T0 + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")


def gathered_a_minute_later(plain):
    plain["at"] = (T0 + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("spoil", "rehash", "why"),
    [
        (seen_a_minute_later, True, "future"),
        (measured_a_minute_later, True, "future"),
        (gathered_a_minute_later, True, "altered"),
        (lambda plain: plain["change"].update(claimed_class="standard"), False, "altered"),
        (lambda plain: plain.update(weather="fine"), True, "unreadable"),
    ],
)
def test_evidence_that_knows_the_future_is_refused(spoil, rehash, why, asker, managing):
    asked = ask(a_measured_service(), asker)
    is_over(asked, "successful")
    decision = Decision.objects.get()
    planted(decision, spoil, rehash=rehash)
    draft = a_kinder_draft(managing)
    found = queries.tally(run_of(draft, managing))
    assert found.refused == {"future": 0, "altered": 0, "unreadable": 0} | {why: 1}
    assert sum(found.counts.values()) == 0
    assert not BackTestDifference.objects.exists()
    decision.refresh_from_db()
    with pytest.raises(NotFound):
        queries.side_by_side(decision, policy_from_json(draft.content))


# What evidence says of the time to come; it was known as it was gathered.
AHEAD = {"starts_at", "ends_at", "gates_from", "sees_until", "soonest", "likely", "latest", "recovers_at", "at"}


def test_every_instant_of_evidence_is_of_the_past_or_may_lie_ahead():
    """Whoever adds one to the evidence says which: a back-test refuses the past that is newer than its decision."""
    groups = {Evidence, Fact}
    while more := {kind for group in groups for kind in _kinds_in(group)} - groups:
        groups |= more
    named = {
        each.name for group in groups for each in fields(group) if "datetime" in str(get_type_hints(group)[each.name])
    }
    assert named == AHEAD | set(PAST)


def _kinds_in(kind):
    found = [get_type_hints(kind)[each.name] for each in fields(kind)]
    while found:
        one = found.pop()
        found += get_args(one)
        if is_dataclass(get_origin(one) or one):
            yield get_origin(one) or one


def test_the_first_answer_to_what_was_asked_last_counts(asker, managing):
    service = a_measured_service("watch")
    again = ask(service, asker)
    assert Decision.objects.count() == 1
    is_over(again, "successful")
    assert queries.tally(run_of(a_kinder_draft(managing), managing)).changes == 1
    assert queries.tally(run_of(a_kinder_draft(managing), managing, until=T0)).changes == 0  # decided at T0, not before


def test_a_killed_worker_leaves_its_slice_to_the_next(asker, approving, managing, monkeypatch):
    ten_changes(asker, approving)
    monkeypatch.setattr("changes.back_tests.operations.asking.SLICE", 4)
    run = operations.ask(a_kinder_draft(managing), actor=managing, since=T0 - DAY, until=T0 + DAY, at=T0 + DAY)
    assert run.slices.count() == 3
    first, second, _third = run.slices.order_by("id").values_list("pk", flat=True)
    assert working._judge(first)
    assert not working._judge(first)  # once
    assert queries.tally(run).percent == 33

    def killed(*_, **__):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(working.rules, "quadrant", killed)
        with pytest.raises(SystemExit):
            working._judge(second)
    assert queries.tally(run).slices_done == 1
    assert BackTestDifference.objects.count() == 4  # of the first slice, none of the broken one
    assert operations.go_on() == 0
    assert queries.tally(run).counts == {"smooth": 5, "escaped": 1, "friction": 2, "stopped": 1, "unknown": 1}


def test_a_cancelled_one_is_worked_at_no_more(asker, approving, managing, as_actor, owner):
    ten_changes(asker, approving)
    draft = a_kinder_draft(managing)
    run = operations.ask(draft, actor=managing, since=T0 - DAY, until=T0 + DAY, at=T0)
    with pytest.raises(Conflict, match="under way"):
        operations.ask(draft, actor=managing, since=T0 - DAY, until=T0 + DAY, at=T0)
    with pytest.raises(NotPermitted):
        operations.cancel(run, actor=as_actor(owner), at=T0)
    operations.cancel(run, actor=managing, at=T0)
    assert operations.go_on() == 0
    assert not BackTestSlice.objects.filter(counts__isnull=False).exists()
    with pytest.raises(WrongState):
        operations.cancel(run, actor=managing, at=T0)


def test_without_a_change_it_is_done_at_once(managing, owning):
    draft = a_kinder_draft(managing)
    assert run_of(draft, managing).state == "done"
    for since, until in ((T0, T0), (T0, T0 - DAY), (T0 - 3000 * DAY, T0)):
        with pytest.raises(InvalidInput):
            operations.ask(draft, actor=managing, since=since, until=until, at=T0)
    with pytest.raises(NotPermitted):
        operations.ask(draft, actor=owning, since=T0, until=T0 + DAY, at=T0)
    assert operations.forget(T0 + 100 * DAY) == 1
    assert not BackTest.objects.exists()


@pytest.mark.parametrize("knobs", [{}, {"change_class": "normal"}, {"state": "exhausted"}, {"change_class": "emergency"},
                                   {"tests_failed": 2}, {"environment": "staging"}])  # fmt: skip
def test_the_short_way_to_an_outcome_is_the_long_one(knobs):
    found, policy = evidence(**knobs), default_policy()
    assert answer(found, policy) is decide(found, policy).outcome


def test_a_shadow_records_what_it_would_have_said(asker, managing):
    healthy, watched = a_measured_service(), a_measured_service("watch")
    ask(healthy, asker, at=T0)
    draft = a_kinder_draft(managing)
    policies.begin_shadow(draft, actor=managing, version=draft.version, at=T0 + timedelta(seconds=1))
    later = T0 + timedelta(seconds=5)
    ask(healthy, asker, at=later)
    ask(watched, asker, at=later)
    assert operations.record_shadows(later) == 2
    assert operations.record_shadows(later) == 0
    assert {row[:2] for row in queries.shadow_counts(draft)} == {("peer", "approved"), ("peer", "peer")}
    (one,) = queries.shadow_answers(draft)
    assert one.decision.change.service == healthy
    assert one.outcome == answer(from_json(Evidence, one.decision.evidence), policy_from_json(draft.content))
    assert set(Decision.objects.values_list("outcome", flat=True)) == {"peer"}  # it decided nothing
