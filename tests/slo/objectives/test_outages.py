"""Outage periods: found, moved, forgotten; who is suspected, and what people say about it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from incidents.models import Incident
from itsm.kernel.actors import Actor, Kind, Role
from itsm.kernel.errors import NotFound, NotPermitted
from slo.engine.attribution import CandidateCause, Reason, RecordType, overlaps, reasons, score
from slo.models import Budget, Correction, Objective, Outage, OutageCause
from slo.objectives import operations, queries
from slo.objectives import operations as objectives_operations
from slo.objectives.operations.counted_periods import write_counted_periods
from slo.objectives.queries.burn_episodes import burn_episodes
from slo.objectives.queries.outages import outages_in_window, record_costs
from tests.factories.catalog import relies_on
from tests.factories.majors import led
from tests.factories.slo import MEASURER, MINUTE, T0, a_service, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db

WEEK = 7 * 1440
BAD = T0 - timedelta(hours=5)
ERIN = Actor(None, "Erin", Kind.HUMAN, frozenset({Role.ENGINEER}))
RITA = Actor(None, "Rita", Kind.HUMAN, frozenset({Role.REQUESTER}))


def recomputed(objective: Objective, at=T0) -> list[Outage]:
    evaluated(objective, at)
    operations.recompute_outages(actor=MEASURER, at=at, objectives=[objective.pk])
    return list(Outage.objects.filter(objective=objective).order_by("started_at"))


@pytest.fixture
def objective() -> Objective:
    made = an_objective(window_days=7)
    measured(made.indicator, steady(T0, WEEK), T0)
    measured(made.indicator, steady(BAD, 10, bad=900), T0)
    return made


def an_incident(objective: Objective, opened_at, **fields) -> Incident:
    return Incident.objects.create(
        **{"title": "Slow", "service": objective.service, "priority": 3, "opened_at": opened_at} | fields
    )


def test_a_period_with_its_cost(objective) -> None:
    (outage,) = recomputed(objective)
    assert (outage.started_at, outage.ended_at, outage.minutes) == (BAD - 10 * MINUTE, BAD, 10)
    assert (outage.failed, outage.cost) == (Decimal(9000), Decimal("0.892857143"))


def test_a_handful_of_failures_is_no_outage(objective) -> None:
    measured(objective.indicator, steady(T0 - timedelta(hours=9), 1, bad=10), T0)  # 0.0992 % of 10,080
    assert len(recomputed(objective)) == 1
    measured(objective.indicator, steady(T0 - timedelta(hours=9), 1, bad=11), T0)
    assert len(recomputed(objective)) == 2


def test_settling_again_changes_nothing_and_costs_little_when_nothing_burnt(objective) -> None:
    first = recomputed(objective)
    assert recomputed(objective) == first
    later = T0 + timedelta(hours=8)
    for hour in range(8, 0, -1):  # as they come: nothing is late
        now = later - timedelta(hours=hour - 1)
        measured(objective.indicator, steady(now, 60), now)
    evaluated(objective, later)
    assert operations.recompute_outages(actor=MEASURER, at=later) == 0
    assert list(Outage.objects.all()) == first


def test_a_period_that_goes_on_is_the_same_one(objective) -> None:
    (before,) = recomputed(objective, BAD)
    measured(objective.indicator, steady(BAD + 20 * MINUTE, 20, bad=900), T0)
    (after,) = recomputed(objective, BAD + 20 * MINUTE)
    assert (after.pk, after.started_at, after.ended_at) == (before.pk, before.started_at, BAD + 20 * MINUTE)


def test_a_long_period_is_never_cut_in_two() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, WEEK), T0)
    began = T0 - timedelta(hours=10)
    for hours in range(1, 11):
        now = began + timedelta(hours=hours)
        measured(objective.indicator, steady(now, 60, bad=900), T0)
        periods = recomputed(objective, now)
    assert [(one.started_at, one.ended_at) for one in periods] == [(began, T0)]


def test_a_planner_with_loops_only_finds_them_too() -> None:
    """As where statistics lie: a window that is joined with itself would take minutes, and meets the limit here."""
    objective = an_objective(target=Decimal("0.9"))
    measured(objective.indicator, [*steady(T0, 10_000, bad=900)], T0)
    evaluated(objective, T0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        cursor.execute("SET LOCAL statement_timeout = '5s'")
    (episode,) = burn_episodes(objective, Budget.objects.get(pk=objective.pk))
    assert episode.minutes == 10_000


def test_late_data_move_a_period_and_a_correction_ends_it(objective) -> None:
    recomputed(objective)
    old = T0 - timedelta(days=3)
    measured(objective.indicator, steady(old, 5, bad=900), T0)
    assert [one.started_at for one in recomputed(objective)] == [old - 5 * MINUTE, BAD - 10 * MINUTE]
    measured(objective.indicator, steady(old, 5), T0)
    assert [one.started_at for one in recomputed(objective)] == [BAD - 10 * MINUTE]
    Correction.objects.create(
        objective=objective, category="other", reason="A drill", status="approved", decided_by="Mona", owner_name="E",
        starts_at=BAD - 10 * MINUTE, ends_at=BAD, expires_at=T0 + timedelta(days=9), proposed_at=T0,
    )  # fmt: skip
    write_counted_periods(objective)
    assert recomputed(objective) == []


def test_what_people_said_outlives_the_period(objective) -> None:
    incident = an_incident(objective, BAD - 12 * MINUTE)
    (outage,) = recomputed(objective)
    operations.decide_cause(outage, incident.reference, actor=ERIN, verdict="confirmed", at=T0)
    measured(objective.indicator, steady(BAD, 10), T0)  # the source takes everything back
    (kept,) = recomputed(objective)
    assert (kept.pk, kept.cost) == (outage.pk, 0)
    assert outages_in_window(objective, evaluated(objective, T0), ERIN) == []


def test_suspects_are_ranked_and_the_burns_own_incident_comes_last(objective) -> None:
    near = led(an_incident(objective, BAD - 15 * MINUTE, title="The database"))
    below = a_service()
    relies_on(objective.service, below)
    an_incident(objective, BAD - 60 * MINUTE, service=below, title="The network")
    sign = an_incident(objective, BAD - 8 * MINUTE, source_key=f"burn:{objective.pk}:1", title="It burns")
    an_incident(objective, BAD - timedelta(days=2), resolved_at=BAD - timedelta(days=1), title="Long over")
    an_incident(objective, BAD - 20 * MINUTE, service=a_service(), title="Elsewhere")
    (outage,) = recomputed(objective)
    causes = list(outage.causes.all())
    # What it hit first, then what lies below; the sign of the burn is no likely cause.
    assert [cause.title for cause in causes] == ["The database", "The network", "It burns"]
    assert causes[0].reference == near.reference
    assert causes[-1].reference == sign.reference
    assert "major" in causes[0].why


def test_a_verdict_is_kept_and_can_be_taken_back(objective) -> None:
    incident = an_incident(objective, BAD - 15 * MINUTE)
    (outage,) = recomputed(objective)
    operations.decide_cause(outage, incident.reference, actor=ERIN, verdict="ruled_out", at=T0)
    recomputed(objective)
    cause = OutageCause.objects.get()
    assert (cause.verdict, cause.decided_by) == ("ruled_out", "Erin")
    (ruled_out,) = record_costs(ERIN, incident.reference)
    assert (ruled_out.cost.share, ruled_out.cost.causes) == (0, [])
    operations.decide_cause(outage, incident.reference, actor=ERIN, verdict="suspected", at=T0)
    (cost,) = [one.cost for one in record_costs(ERIN, incident.reference)]
    assert (cost.objective, cost.share, cost.is_confirmed) == (objective, Decimal("0.892857143"), False)
    with pytest.raises(NotPermitted):
        operations.decide_cause(outage, incident.reference, actor=RITA, verdict="confirmed", at=T0)
    with pytest.raises(NotFound):
        operations.decide_cause(outage, "INC-99999", actor=ERIN, verdict="confirmed", at=T0)
    assert record_costs(RITA, incident.reference) == []


def test_slices_and_composites_have_periods_too() -> None:
    one, two = an_objective(window_days=7), an_objective(window_days=7)
    for objective, ago in ((one, 300), (two, 200)):
        measured(objective.indicator, steady(T0, WEEK), T0)
        measured(objective.indicator, steady(T0 - ago * MINUTE, 10, bad=900), T0)
    members = [objectives_operations.MemberTerms(each.indicator, Decimal("0.999")) for each in (one, two)]
    service = a_service()
    common = {"actor": MEASURER, "at": T0, "service": service, "target": Decimal("0.999"), "window_days": 7}
    slices = operations.create_objective(
        slug="slices", name="Slices", members=members, method="timeslices", time_slice_target=Decimal("0.95"),
        time_slice_minutes=5, **common,
    )  # fmt: skip
    events = operations.create_objective(slug="events", name="Events", members=members, **common)
    for objective in (slices, events):
        periods = recomputed(objective)
        assert [one.minutes for one in periods] == [10, 10]
        spent = 1 - objective.budget.remaining
        assert sum(one.cost for one in periods) == pytest.approx(spent, abs=Decimal("1e-6"))
    assert [one.failed for one in Outage.objects.filter(objective=slices)] == [2, 2]


def test_reads_cost_the_same_however_many(objective, django_assert_num_queries) -> None:
    for number in range(12):
        measured(objective.indicator, steady(T0 - timedelta(hours=6 + number), 5, bad=900), T0)
        an_incident(objective, T0 - timedelta(hours=6 + number))
    recomputed(objective)
    with django_assert_num_queries(3):  # whose queues are hidden, the rows, their causes
        assert len([cause for outage in queries.outages(ERIN) for cause in outage.causes.all()]) > 12


def test_scores() -> None:
    def candidate(began: int, ended: int | None, **more: bool) -> CandidateCause:
        end = None if ended is None else T0 + ended * MINUTE
        return CandidateCause(
            "CHG-1", "", "", RecordType.CHANGE, T0 + began * MINUTE, end, **{"on_the_service": True} | more
        )

    rolled_back = candidate(-5, 3, went_wrong=True)
    assert reasons(rolled_back, T0) == [Reason.SAME_SERVICE, Reason.JUST_BEFORE, Reason.WENT_WRONG]
    assert score(reasons(rolled_back, T0)) == 100
    order = [
        rolled_back,
        candidate(-5, 3),
        candidate(-90, -60),
        candidate(5, None),
        candidate(5, None, on_the_service=False),
    ]
    scores = [score(reasons(one, T0)) for one in order]
    assert scores == sorted(scores, reverse=True)
    assert not overlaps(candidate(-300, -121), T0, T0 + MINUTE)
    assert overlaps(candidate(-300, -119), T0, T0 + MINUTE)
    assert not overlaps(candidate(1, None), T0, T0 + MINUTE)


@pytest.mark.parametrize(
    ("seconds", "when"),
    [
        (-7200, Reason.BEFORE), (-1801, Reason.BEFORE), (-1800, Reason.JUST_BEFORE), (0, Reason.JUST_BEFORE),
        (59, Reason.JUST_BEFORE), (60, Reason.DURING),
    ],
)  # fmt: skip
def test_half_an_hour_is_just_before_and_the_first_minute_still_is(seconds: int, when: Reason) -> None:
    began = T0 + timedelta(seconds=seconds)
    assert reasons(CandidateCause("CHG-1", "", "", RecordType.CHANGE, began, None, True), T0) == [
        Reason.SAME_SERVICE,
        when,
    ]


@pytest.mark.parametrize(("ended", "counts"), [(-7200, True), (-7201, False)])
def test_what_ended_exactly_two_hours_before_may_still_be_the_cause(ended: int, counts: bool) -> None:
    over = CandidateCause(
        "CHG-1", "", "", RecordType.CHANGE, T0 - timedelta(hours=5), T0 + timedelta(seconds=ended), True
    )
    assert overlaps(over, T0, T0 + MINUTE) is counts
