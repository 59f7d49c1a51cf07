"""Debits in the database: from samples to rows, overlapping changes, late data, and a dependency's outage."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog.services import operations as catalog
from changes.change.models import Change
from changes.ledger.operations import staleness
from changes.ledger.operations.reckoning import reckon
from changes.models import Debit, LedgerDay
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Actor, Door
from slo.engine.samples import Sample
from slo.measuring import operations as measuring
from slo.models import Outage, OutageCause
from slo.objectives import operations as objectives
from slo.objectives.operations import decide_cause
from tests.factories.slo import MEASURER, MINUTE, an_objective, measured, steady

pytestmark = pytest.mark.django_db
T = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
EVENT = 1000  # what an event counts
SYSTEM = Actor.system("tests")


@pytest.fixture
def objective():
    """Measured for two days up to T with 5 of 1,000 failing each minute."""
    one = an_objective(at=T, window_days=7, target=Decimal("0.9"))
    measured(one.indicator, steady(T, 2880, bad=5), T)
    return one


def after(objective, bad, at=T):
    """The minutes from T on, with so many failing in each."""
    told = [Sample(at + MINUTE * place, 1000 - count, 1000) for place, count in enumerate(bad)]
    now = at + MINUTE * len(bad)
    measured(objective.indicator, told, now)
    objectives.evaluate(at=now, objectives=[objective.pk])
    return now


def a_change(objective, start, end, status="reviewing"):
    """From the minute `start` to the minute `end` after T, both whole."""
    return Change.objects.create(
        service=objective.service, summary="Deploy", status=status, created_at=T, content_hash="x",
        started_at=T + MINUTE * start, finished_at=None if end is None else T + MINUTE * end - timedelta(seconds=1),
    )  # fmt: skip


def debited(change):
    return [(one.amount / EVENT, one.dependency / EVENT) for one in Debit.objects.filter(change=change)]


def test_the_golden_change_is_debited_by_its_samples(objective):
    change = a_change(objective, 10, 20)
    now = after(objective, [5] * 10 + [105, 205, 5] + [5] * 30)
    assert reckon(change, at=now) == {change.pk}
    assert debited(change) == [(300, 0)]
    day = LedgerDay.objects.get()
    assert (day.excess, day.debited, day.unattributed) == (300 * EVENT, 300 * EVENT, 0)
    # 10 % of what counts in a week may fail: the share follows, rounded up.
    whole = (2880 + 43) * 1000 // 10
    assert abs(Debit.objects.get().share - Decimal(300) / whole) < Decimal("1e-9")


def test_changes_that_overlap_share_and_late_data_reckon_the_same(objective):
    one, two = a_change(objective, 0, 3), a_change(objective, 1, 5)
    now = after(objective, [5, 15, 16, 14, 5] + [5] * 45)
    reckon(one, at=now)
    assert (debited(one), debited(two)) == ([(11 + 4, 0)], [(10 + 5, 0)])  # the watch of both covers minute 3
    late = [Sample(T + MINUTE * 2, 1000 - 26, 1000)]
    measuring.record_samples(objective.indicator, late, actor=MEASURER, at=now)
    objectives.evaluate(at=now, objectives=[objective.pk])
    assert reckon(two, at=now) == {one.pk, two.pk}
    assert (debited(one), debited(two)) == ([(20, 0)], [(20, 0)])
    assert reckon(one, at=now) == set()  # said again, nothing moves


def test_what_nobody_asked_about_shares_no_debit_of_what_was_asked_about(objective):
    """Whoever deploys tells afterwards what else went out, and when: a hundred of these would make a debit nothing.
    One from before, whose day was bad, would make much expected besides."""
    change = a_change(objective, 0, 3)
    other = a_change(objective, -1, 40)
    Change.objects.filter(pk=other.pk).update(change_class="unauthorised", review_because="unauthorised")
    now = after(objective, [5, 105] + [5] * 35 + [25] + [5] * 40)
    reckon(change, at=now)
    assert (debited(change), debited(other)) == ([(100, 0)], [(20, 0)])  # alone it pays


def test_a_change_over_midnight_has_a_debit_a_day(objective):
    start = T + timedelta(hours=11, minutes=50)
    measured(objective.indicator, steady(start, 710, bad=5), start)
    change = a_change(objective, 710, 730)
    now = after(objective, [5] * 5 + [55] * 10 + [5] * 40, at=start)
    reckon(change, at=now)
    assert debited(change) == [(250, 0), (250, 0)]
    assert LedgerDay.objects.count() == 2


def test_what_no_change_covers_is_unattributed_and_the_database_adds_up(objective):
    change = a_change(objective, 0, 1)
    now = after(objective, [5] * 35 + [105] + [5] * 5)
    reckon(change, at=now)
    day = LedgerDay.objects.get()
    assert (debited(change), day.unattributed) == ([(0, 0)], 100 * EVENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerDay.objects.update(unattributed=1)


def test_reckoning_a_change_reads_the_same_however_many_were_before(objective, django_assert_num_queries):
    change = a_change(objective, 10, 20)
    now = after(objective, [5] * 60)
    for _ in range(5):
        a_change(objective, -3000, -2990)
    with django_assert_num_queries(12):
        reckon(change, at=now)


def test_a_confirmed_outage_upstream_takes_the_debit_unless_the_judged_confirmed_it(objective, person):
    below = an_objective(at=T, target=Decimal("0.9"))
    catalog.edit_service(
        objective.service, actor=SYSTEM, version=1, depends_on=[{"any_of": [below.service], "needs": 1}]
    )
    change = a_change(objective, 0, 2)
    author, outsider = person("engineer", username="author"), person("owner", username="outsider")
    Change.objects.filter(pk=change.pk).update(author=author)
    now = after(objective, [25, 105] + [5] * 40)
    outage = Outage.objects.create(
        objective=below,
        started_at=T + MINUTE,
        ended_at=T + 4 * MINUTE,
        failed=5,
        minutes=3,
        cost="0.1",
        recomputed_at=T,
    )
    OutageCause.objects.create(
        outage=outage, reference="INC-00001", title="Slow", url="/", began_at=T, score=9, why="it overlaps"
    )
    reckon(change, at=now)
    assert debited(change) == [(120, 0)]  # suspected is not confirmed
    for who, expected in ((author, (120, 0)), (outsider, (20, 100))):
        decide_cause(outage, "INC-00001", actor=actor_for(who, Door.WEB), verdict="confirmed", at=now)
        assert LedgerDay.objects.get().seen_revision == -1  # owed again
        staleness.keep_up(now)
        assert debited(change) == [expected]
    day = LedgerDay.objects.get()
    assert (day.debited, day.dependency) == (20 * EVENT, 100 * EVENT)
