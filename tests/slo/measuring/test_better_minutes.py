"""Whose measurements count at once: who may send, and what waits for another person."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from itsm.accounts import interest
from itsm.accounts.interest import Stake
from itsm.accounts.models import User
from itsm.accounts.operations import edit_person
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted, StaleVersion, VersionRequired, WrongState
from slo.engine.better_minutes import BudgetsShort, sort_minutes
from slo.engine.prefix import Counts
from slo.engine.samples import Sample
from slo.measuring import operations
from slo.measuring.operations.withholding import stored_counts
from slo.measuring.queries.measurers import others_measure, persons_behind_indicator
from slo.models import Budget, Indicator, Measurer, Objective, QuarantinedSample
from slo.objectives import operations as objectives_operations
from slo.objectives.queries.measurers import measured_by_any_of, persons_behind_objective
from tests.factories.slo import MINUTE, an_indicator, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def bot(engineer: User) -> User:
    return User.objects.create(username="bot", roles=["engineer"], account_type="service", owner=engineer)


@pytest.fixture
def stakes(monkeypatch: pytest.MonkeyPatch) -> list[Stake]:
    """Who wants something about any service."""
    held: list[Stake] = []

    def of_any(services: Collection[int]) -> list[Stake]:
        return held if services else []

    monkeypatch.setattr(interest, "_sources", [of_any])
    return held


@pytest.fixture
def outage(now: datetime, bot: User) -> Objective:
    """Two days of traffic, and an outage of 500 minutes an hour ago that exhausted the budget; `bot` measures."""
    made = an_objective(now, indicator=an_indicator())
    Measurer.objects.create(indicator=made.indicator, account=bot, named_by="tests", named_at=now)
    Indicator.objects.filter(pk=made.indicator_id).update(created_at=now - timedelta(days=40))
    assert made.indicator is not None
    made.indicator.refresh_from_db()
    measured(made.indicator, steady(now - 560 * MINUTE, 2 * 1440), now)
    measured(made.indicator, steady(now - 60 * MINUTE, 500, bad=500), now)
    measured(made.indicator, steady(now, 60), now)
    assert evaluated(made, now).level == "exhausted"
    return made


def sent(objective: Objective, samples: list[Sample], actor: Actor, at: datetime) -> operations.Recorded:
    assert objective.indicator is not None
    return operations.record_samples(objective.indicator, samples, actor=actor, at=at)


def held(objective: Objective, minute: datetime) -> Counts | None:
    assert objective.indicator is not None
    key = int(minute.timestamp()) // 60
    return stored_counts(objective.indicator, {key: Counts(0, 0)}).get(key)


def test_a_healthy_budget_is_not_swollen_by_late_good_minutes_either(
    now: datetime, bot: User, as_actor: Callable[..., Actor]
) -> None:
    made = an_objective(now, indicator=an_indicator())
    Measurer.objects.create(indicator=made.indicator, account=bot, named_by="tests", named_at=now)
    Indicator.objects.filter(pk=made.indicator_id).update(created_at=now - timedelta(days=40))
    assert made.indicator is not None
    made.indicator.refresh_from_db()
    measured(made.indicator, steady(now, 60), now)
    measured(made.indicator, steady(now - 100 * MINUTE, 2 * 1440), now)
    before = evaluated(made, now)
    usual = steady(now, 1)[0].total
    for times, waits in ((600, 1), (1, 0)):  # far more than usual waits; a gap with its usual traffic is completed
        late = [Sample(now - 90 * MINUTE, usual * times, usual * times)]
        assert sent(made, late, as_actor(bot), now).waiting == waits
    assert (before.level, held(made, now - 90 * MINUTE)) == ("healthy", Counts(0, int(usual) * 1000))


def test_500_bad_minutes_do_not_become_good_by_sending_them_again(
    outage: Objective, now: datetime, bot: User, as_actor: Callable[..., Actor]
) -> None:
    outcome = sent(outage, steady(now - 60 * MINUTE, 500), as_actor(bot), now)
    assert (outcome.accepted, outcome.waiting, outcome.quarantined) == (0, 500, 0)
    assert evaluated(outage, now).level == "exhausted"
    waiting = Confirmation.objects.get()
    assert outcome.confirmation == waiting.reference
    told = {one["what"]: (one["before"], one["after"]) for one in waiting.differences}
    assert told["Bad events in them"] == ("250,000", "0")
    again = sent(outage, steady(now - 60 * MINUTE, 500), as_actor(bot), now + MINUTE)
    assert (again.waiting, Confirmation.objects.count()) == (500, 1)


def test_a_better_share_waits_as_well(
    outage: Objective, now: datetime, bot: User, as_actor: Callable[..., Actor]
) -> None:
    minute = now - 100 * MINUTE
    assert sent(outage, [Sample(minute, 99_500, 100_000)], as_actor(bot), now).waiting == 1
    assert held(outage, minute) == Counts(500_000, 1_000_000)


def test_worse_and_punctual_minutes_are_set_at_once(
    outage: Objective, now: datetime, bot: User, as_actor: Callable[..., Actor]
) -> None:
    worse = sent(outage, [Sample(now - 100 * MINUTE, 0, 1000)], as_actor(bot), now)
    newest = sent(outage, [Sample(now, 1000, 1000)], as_actor(bot), now + MINUTE)
    assert (worse.accepted, worse.waiting, newest.accepted, newest.waiting) == (1, 0, 1, 0)
    assert held(outage, now - 100 * MINUTE) == Counts(1_000_000, 1_000_000)


def test_while_the_budget_is_exhausted_there_is_no_grace(
    outage: Objective, now: datetime, bot: User, as_actor: Callable[..., Actor]
) -> None:
    sent(outage, [Sample(now, 500, 1000)], as_actor(bot), now + MINUTE)
    assert sent(outage, [Sample(now, 1000, 1000)], as_actor(bot), now + 2 * MINUTE).waiting == 1


def test_a_healthy_budget_has_a_grace_of_fifteen_minutes(
    now: datetime, bot: User, as_actor: Callable[..., Actor]
) -> None:
    made = an_objective(now, target=Decimal("0.9"))
    assert made.indicator is not None
    Measurer.objects.create(indicator=made.indicator, account=bot, named_by="tests", named_at=now)
    measured(made.indicator, steady(now, 3 * 1440, bad=1), now)
    evaluated(made, now)
    fresh = sent(made, [Sample(now - 15 * MINUTE, 1000, 1000)], as_actor(bot), now)
    late = sent(made, [Sample(now - 16 * MINUTE, 1000, 1000)], as_actor(bot), now)
    assert (fresh.accepted, fresh.waiting) == (1, 0)
    assert (late.accepted, late.waiting) == (0, 1)


def test_late_good_minutes_do_not_thin_out_a_burnt_budget(
    outage: Objective, now: datetime, bot: User, as_actor: Callable[..., Actor]
) -> None:
    """Minutes that were never recorded: good ones are better, bad ones complete the picture."""
    good = sent(outage, steady(now - timedelta(days=5), 1000, total=100_000), as_actor(bot), now)
    bad = sent(outage, steady(now - timedelta(days=6), 10, bad=1000), as_actor(bot), now)
    assert (good.accepted, good.waiting) == (0, 1000)
    assert (bad.accepted, bad.waiting) == (10, 0)


def test_more_good_events_in_a_recorded_minute_thin_out_too(
    outage: Objective, now: datetime, bot: User, as_actor: Callable[..., Actor]
) -> None:
    assert sent(outage, [Sample(now - 30 * MINUTE, 900_000, 900_000)], as_actor(bot), now).waiting == 1


def test_history_before_a_new_indicator_is_taken_in(now: datetime, bot: User, as_actor: Callable[..., Actor]) -> None:
    made = an_objective(now)
    assert made.indicator is not None
    Measurer.objects.create(indicator=made.indicator, account=bot, named_by="tests", named_at=now)
    outcome = sent(made, steady(now, 5000), as_actor(bot), now)
    assert (outcome.accepted, outcome.waiting) == (5000, 0)


def test_another_person_approves_and_the_minutes_count(
    outage: Objective, now: datetime, bot: User, owner: User, as_actor: Callable[..., Actor]
) -> None:
    sent(outage, steady(now - 60 * MINUTE, 500), as_actor(bot), now)
    waiting = Confirmation.objects.get()
    confirming.confirm(waiting, actor=as_actor(owner), at=now, version=waiting.version)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.decided_by_id) == ("confirmed", owner.pk)
    assert Budget.objects.get(pk=outage.pk).level == "healthy"
    entry = Entry.objects.get(event="indicator.backfilled")
    assert (entry.actor_id, entry.changes["bad"]) == (owner.pk, [250_000_000, 0])


def test_who_measures_asked_or_is_a_program_does_not_approve_it(
    outage: Objective, now: datetime, bot: User, engineer: User, owner: User, person: Callable[..., User],
    as_actor: Callable[..., Actor], stakes: list[Stake],
) -> None:  # fmt: skip
    sent(outage, steady(now - 60 * MINUTE, 500), as_actor(bot), now)
    waiting = Confirmation.objects.get()
    User.objects.filter(pk=engineer.pk).update(roles=["engineer", "owner", "manager"])
    engineer.refresh_from_db()
    robot = person("manager", username="robot", account_type="service")
    stakes[:] = [Stake(owner.pk, "CHG-00001")]
    for refused in (engineer, bot, robot, owner):
        with pytest.raises(NotPermitted):
            confirming.confirm(waiting, actor=as_actor(refused), at=now, version=waiting.version)
    assert evaluated(outage, now).level == "exhausted"


def test_the_database_holds_four_eyes_too(
    outage: Objective, now: datetime, bot: User, engineer: User, as_actor: Callable[..., Actor]
) -> None:
    sent(outage, steady(now - 60 * MINUTE, 500), as_actor(bot), now)
    statement = "UPDATE approvals_confirmation SET status = 'confirmed', decided_by_id = %s, decided_at = now()"
    for who in (engineer.pk, bot.pk):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [who])


def test_a_proposal_that_grew_is_not_approved_unseen(
    outage: Objective, now: datetime, bot: User, owner: User, as_actor: Callable[..., Actor]
) -> None:
    sent(outage, steady(now - 60 * MINUTE, 10), as_actor(bot), now)
    read = Confirmation.objects.get()
    sent(outage, steady(now - 60 * MINUTE, 400), as_actor(bot), now)
    with pytest.raises(VersionRequired):
        confirming.confirm(read, actor=as_actor(owner), at=now, version=None)
    with pytest.raises(StaleVersion):
        confirming.confirm(read, actor=as_actor(owner), at=now, version=read.version)
    grown = Confirmation.objects.get()
    assert (len(grown.payload["minutes"]), evaluated(outage, now).level) == (400, "exhausted")


def test_minutes_that_were_measured_again_meanwhile_are_not_overwritten(
    outage: Objective, now: datetime, bot: User, owner: User, as_actor: Callable[..., Actor]
) -> None:
    sent(outage, steady(now - 60 * MINUTE, 10), as_actor(bot), now)
    sent(outage, [Sample(now - 65 * MINUTE, 0, 1000)], as_actor(bot), now)
    waiting = Confirmation.objects.get()
    with pytest.raises(Conflict):
        confirming.confirm(waiting, actor=as_actor(owner), at=now, version=waiting.version)
    assert held(outage, now - 65 * MINUTE) == Counts(1_000_000, 1_000_000)


def test_it_is_declined_withdrawn_or_expires_and_then_is_over(
    outage: Objective, now: datetime, bot: User, owner: User, engineer: User, as_actor: Callable[..., Actor]
) -> None:
    def proposed() -> Confirmation:
        sent(outage, steady(now - 60 * MINUTE, 10), as_actor(bot), now)
        return Confirmation.objects.waiting().get()

    confirming.decline(proposed(), actor=as_actor(owner), at=now, version=1, reason="It did fail")
    confirming.withdraw(proposed(), actor=as_actor(engineer), at=now, version=1)
    left = proposed()
    assert due.sweep(now + timedelta(days=8)) >= 1
    left.refresh_from_db()
    assert [one.status for one in Confirmation.objects.order_by("pk")] == ["declined", "withdrawn", "expired"]
    with pytest.raises(WrongState):
        confirming.confirm(left, actor=as_actor(owner), at=now, version=left.version)


def test_only_measurers_send(
    outage: Objective, now: datetime, engineer: User, admin: User, manager: User, owner: User,
    as_actor: Callable[..., Actor], api: Callable[..., Any],
) -> None:  # fmt: skip
    for other in (engineer, admin, manager):
        with pytest.raises(NotPermitted):
            sent(outage, steady(now, 1), as_actor(other), now)
    assert outage.indicator is not None
    operations.name_measurers(outage.indicator, actor=as_actor(owner), accounts=[manager], at=now)
    sent(outage, steady(now, 1), as_actor(manager), now)
    assert Measurer.objects.get(account=manager).last_sent_at == now
    assert Entry.objects.get(event="indicator.measurers_named").changes == {"measurers": [["bot"], ["manager"]]}


def test_who_defines_an_indicator_measures_it(engineer: User, as_actor: Callable[..., Actor], now: datetime) -> None:
    made = operations.create_indicator(actor=as_actor(engineer), slug="mine", source="push")
    operations.record_samples(made, steady(now, 1), actor=as_actor(engineer), at=now)
    assert [one.account_id for one in made.measurers.all()] == [engineer.pk]


def test_measurers_are_named_by_owners_and_managers_without_interest(
    outage: Objective, now: datetime, engineer: User, owner: User, manager: User, bot: User,
    as_actor: Callable[..., Actor], stakes: list[Stake],
) -> None:  # fmt: skip
    assert outage.indicator is not None
    for refused in (engineer, bot):
        with pytest.raises(NotPermitted):
            operations.name_measurers(outage.indicator, actor=as_actor(refused), accounts=[engineer], at=now)
    stakes[:] = [Stake(manager.pk, "CHG-00001")]
    with pytest.raises(NotPermitted, match="CHG-00001"):
        operations.name_measurers(outage.indicator, actor=as_actor(manager), accounts=[manager], at=now)
    operations.name_measurers(outage.indicator, actor=as_actor(owner), accounts=[engineer, bot], at=now)


def test_measured_only_by_interested_people_is_known(
    outage: Objective, now: datetime, bot: User, engineer: User, person: Callable[..., User], owner: User,
    as_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    def alone(at: datetime = now) -> dict[int, Any]:
        found = measured_by_any_of([engineer.pk], [outage.service_id], "production", at)
        return {pk: one for pk, one in found.items() if one.alone}

    assert alone()[outage.pk].measurers == ("bot",)
    assert measured_by_any_of([owner.pk], [outage.service_id], "production", now) == {}
    sre = person("engineer", username="sre")
    assert outage.indicator is not None
    operations.name_measurers(outage.indicator, actor=as_actor(owner), accounts=[bot, sre], at=now)
    assert outage.pk in alone(), "a witness who never said anything"
    sent(outage, [Sample(now - 2 * MINUTE, 0, 1000)], as_actor(sre), now)
    assert alone() == {}
    beside = measured_by_any_of([engineer.pk], [outage.service_id], "production", now)[outage.pk]
    assert (beside.measurers, beside.alone) == (("bot",), False)
    assert outage.pk in alone(now + timedelta(days=1, minutes=1))


def test_a_program_that_was_handed_over_measures_for_whoever_owned_it_as_well(
    outage: Objective, now: datetime, bot: User, engineer: User, person: Callable[..., User], admin: User,
    as_actor: Callable[..., Actor], owner: User, stakes: list[Stake],
) -> None:  # fmt: skip
    taker = person("engineer", username="taker")
    edit_person(bot, actor=as_actor(admin), version=None, version_required=False, owner=taker)
    User.objects.filter(pk=bot.pk).update(former_owners=[])
    assert outage.indicator_id is not None
    for whose in (engineer, taker):
        assert measured_by_any_of([whose.pk], [outage.service_id], "production", now)[outage.pk].alone
    assert {engineer.pk, taker.pk} == persons_behind_indicator(outage.indicator_id)
    assert {engineer.pk, taker.pk} == persons_behind_objective(outage.pk)
    sent(outage, [Sample(now - 2 * MINUTE, 0, 1000)], as_actor(bot), now)
    assert not others_measure(outage.indicator_id, as_actor(engineer), now), "nobody else's word"
    assert not others_measure(outage.indicator_id, as_actor(taker), now)
    assert others_measure(outage.indicator_id, as_actor(owner), now)


def test_an_owner_allows_self_measuring_in_writing_for_a_time(
    outage: Objective, now: datetime, engineer: User, owner: User, bot: User, as_actor: Callable[..., Actor],
    stakes: list[Stake],
) -> None:  # fmt: skip
    until = now.date() + timedelta(days=90)
    for refused in (engineer, bot):
        with pytest.raises(NotPermitted):
            objectives_operations.allow_self_measuring(
                outage, actor=as_actor(refused), reason="Us", until=until, at=now
            )
    stakes[:] = [Stake(owner.pk, "CHG-00001")]
    with pytest.raises(NotPermitted):
        objectives_operations.allow_self_measuring(outage, actor=as_actor(owner), reason="Me", until=until, at=now)
    stakes.clear()
    objectives_operations.allow_self_measuring(
        outage, actor=as_actor(owner), reason="A small team", until=until, at=now
    )
    found = measured_by_any_of([engineer.pk], [outage.service_id], "production", now)[outage.pk]
    lapsed = measured_by_any_of([engineer.pk], [outage.service_id], "production", now + timedelta(days=91))[outage.pk]
    assert (found.allowed, lapsed.allowed) == (True, False)
    objectives_operations.end_self_measuring(outage, actor=as_actor(engineer), at=now)
    assert not measured_by_any_of([engineer.pk], [outage.service_id], "production", now)[outage.pk].allowed
    assert Entry.objects.filter(event__contains="self_measuring", record_kind="objective").count() == 2


def test_a_minute_with_a_thousand_times_the_usual_traffic_does_not_drown_the_window(
    outage: Objective, now: datetime, bot: User, owner: User, engineer: User, as_actor: Callable[..., Actor]
) -> None:
    flood = Sample(now, 1_000_001, 1_000_001)
    outcome = sent(outage, [flood], as_actor(bot), now + MINUTE)
    assert (outcome.accepted, outcome.quarantined) == (0, 1)
    assert sent(outage, [flood], as_actor(bot), now + MINUTE).quarantined == 1, "the same again waits once"
    aside = QuarantinedSample.objects.get()
    assert (aside.usual, held(outage, now)) == (1_000_000, None)
    with pytest.raises(NotPermitted):
        objectives_operations.release_sample(aside, actor=as_actor(engineer), at=now)
    objectives_operations.discard_sample(aside, actor=as_actor(owner), at=now + MINUTE)
    assert sent(outage, [flood], as_actor(bot), now + MINUTE).quarantined == 1
    assert QuarantinedSample.objects.count() == 1, "what was discarded stays discarded"
    most = sent(outage, [Sample(now, 1_000_000, 1_000_000)], as_actor(bot), now + MINUTE)
    assert (most.accepted, most.quarantined) == (1, 0)


def test_pulled_minutes_are_kept_aside_too_and_count_once_released(
    outage: Objective, now: datetime, owner: User, as_actor: Callable[..., Actor]
) -> None:
    assert outage.indicator is not None
    flood = {int(now.timestamp()) // 60: Counts(0, 2_000_000_000)}
    from slo.measuring.operations.samples import record_many

    record_many({outage.indicator.pk: flood}, at=now + MINUTE)
    aside = QuarantinedSample.objects.get()
    assert held(outage, now) is None
    objectives_operations.release_sample(aside, actor=as_actor(owner), at=now + MINUTE)
    assert held(outage, now) == Counts(0, 2_000_000_000)
    record_many({outage.indicator.pk: flood}, at=now + 2 * MINUTE)
    assert QuarantinedSample.objects.count() == 1, "the overlap of the next pull asks nobody again"


def test_a_new_indicator_and_a_rare_job_are_not_blocked(now: datetime, as_actor: Callable[..., Actor]) -> None:
    new, rare = an_indicator(), an_indicator()
    measured(new, [Sample(now - 5 * MINUTE, 10**8, 10**8)], now)
    nights = [Sample(now - timedelta(days=day), 10**6, 10**6) for day in range(1, 7)]
    idle = [Sample(now - MINUTE * back, 0, 0) for back in range(1, 6 * 1440) if back % 1440]
    measured(rare, [*nights, *idle], now)
    measured(rare, [Sample(now, 10**6, 10**6)], now + MINUTE)
    assert not QuarantinedSample.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "back", "standing", "waits"),
    [
        (Counts(5, 10), Counts(4, 10), 16, BudgetsShort(), True),
        (Counts(5, 10), Counts(4, 10), 15, BudgetsShort(), False),
        (Counts(5, 10), Counts(4, 10), 1, BudgetsShort(stops_changes=True), True),
        (Counts(5, 10), Counts(5, 11), 16, BudgetsShort(), True),
        (Counts(5, 10), Counts(10, 20), 16, BudgetsShort(), False),
        (Counts(0, 10), Counts(0, 20), 16, BudgetsShort(), False),
        (Counts(0, 10), Counts(0, 20), 16, BudgetsShort(short=True, shares=(Counts(1, 100),)), True),
        (Counts(0, 10), Counts(0, 20), 16, BudgetsShort(short=True, shares=(Counts(0, 100),)), False),
        (None, Counts(0, 10), 16, BudgetsShort(), False),
        (None, Counts(0, 101), 16, BudgetsShort(usual=10), True),
        (None, Counts(0, 101), 15, BudgetsShort(usual=10), False),
        (None, Counts(0, 100), 16, BudgetsShort(usual=10), False),
        (None, Counts(101, 101), 16, BudgetsShort(usual=10), False),
        (Counts(0, 100), Counts(0, 101), 16, BudgetsShort(usual=10), True),
        (Counts(0, 101), Counts(0, 101), 16, BudgetsShort(usual=10), False),
        (None, Counts(0, 10), 16, BudgetsShort(short=True, shares=(None,)), True),
        (None, Counts(0, 10), 15, BudgetsShort(stops_changes=True, shares=(Counts(1, 2),)), False),
        (None, Counts(10, 10), 16, BudgetsShort(stops_changes=True, shares=(None,)), False),
        (None, Counts(1, 10), 16, BudgetsShort(stops_changes=True, shares=(Counts(1, 100),)), False),
    ],
)
def test_which_minutes_wait(old: Counts | None, new: Counts, back: int, standing: BudgetsShort, waits: bool) -> None:
    stored = {} if old is None else {1_000 - back: old}
    found = sort_minutes(stored, {1_000 - back: new}, now=1_000, began=-10_000, standing=standing)
    assert bool(found.held) is waits


@pytest.mark.writes_behind("I16")  # merged by no operation: its program is left
def test_the_program_of_an_account_that_was_merged_into_ones_own_is_no_other_ones(
    outage: Objective, now: datetime, bot: User, engineer: User, person: Callable[..., User],
    as_actor: Callable[..., Actor], owner: User, stakes: list[Stake],
) -> None:  # fmt: skip
    before = person("engineer", username="engineer-before")
    User.objects.filter(pk=bot.pk).update(owner=before, former_owners=[])
    User.objects.filter(pk=before.pk).update(merged_into=engineer, is_active=False)
    sent(outage, [Sample(now - 2 * MINUTE, 0, 1000)], as_actor(bot), now)
    assert outage.indicator_id is not None
    assert not others_measure(outage.indicator_id, as_actor(engineer), now)
    assert others_measure(outage.indicator_id, as_actor(owner), now)
