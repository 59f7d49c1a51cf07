"""Runs are counted where they ended, in whatever order people and programs say how they went."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from changes.change.operations import counting
from changes.models import Change, Deployment, Evaluation, History
from tests.factories.slo import T0, a_service

# Runs are rows that nobody asked the gate for.
pytestmark = [pytest.mark.django_db, pytest.mark.writes_behind("I1", "I4")]

DAY, HALF_LIFE = timedelta(days=1), 90 * 86_400
NEARLY = Decimal("0.000001")  # each step rounds to nine places


@pytest.fixture
def witness(person, as_actor):
    return as_actor(person("owner", username="otto"))


@pytest.fixture
def service():
    return a_service(tier=3)


def runs(service, asker, many):
    """So many runs that ended well by their own word and are watched still."""
    made = []
    for number in range(many):
        change = Change.objects.create(
            service=service, environment="production", summary=f"Release {number}", status="reviewing", created_at=T0
        )
        asked = Evaluation.objects.create(
            change=change, requested_by_id=asker.id, asked_at=T0, content_hash="x" * 64, claims={}, pipeline={}
        )
        made.append(
            Deployment.objects.create(
                change=change, number=1, evaluation=asked, environment="production", status="succeeded",
                started_at=T0, finished_at=T0, watched_until=T0,
            )
        )  # fmt: skip
    return made


def ends(run, days, *, clean=True, measured=True):
    run.refresh_from_db()
    counting.end_watch(run, run.change, clean=clean, at=T0 + days * DAY, measured=measured)
    run.save(update_fields=["watch", "watch_ended_at", "witness"])


def from_scratch():
    """What the row must say, reckoned from nothing but the runs: of each that counts, its end and whether it failed."""
    ended = Deployment.objects.exclude(watch_ended_at=None).order_by("watch_ended_at", "id")
    counted = [one for one in ended if one.watch == "unclean" or one.witness]
    return [(one.watch_ended_at, one.watch == "unclean") for one in counted]


def require_as_from_scratch():
    counted, row = from_scratch(), History.objects.first()
    if row is None:
        assert not counted
        return
    assert (row.runs, row.recent) == (len(counted), [failed for _ended, failed in counted][-20:])
    weights = [Decimal(2) ** (-Decimal((row.as_of - ended).total_seconds()) / HALF_LIFE) for ended, _failed in counted]
    failures = [weight for weight, (_ended, failed) in zip(weights, counted, strict=True) if failed]
    assert abs(row.weighted_runs - sum(weights)) < NEARLY
    assert abs(row.weighted_failures - sum(failures)) < NEARLY


def test_a_run_that_a_person_vouches_for_late_is_counted_where_it_ended(service, asker, witness):
    quiet, bad = runs(service, asker, 2)
    ends(quiet, 0, measured=False)
    ends(bad, 90, clean=False)
    assert counting.vouch(quiet.change, witness, T0 + 200 * DAY)
    row = History.objects.get()
    assert (row.recent, row.as_of) == ([False, True], T0 + 90 * DAY)
    assert (row.weighted_runs, row.weighted_failures) == (Decimal("1.5"), Decimal(1))


def test_a_quiet_run_that_failed_after_all_is_counted_where_it_ended(service, asker):
    quiet, good = runs(service, asker, 2)
    ends(quiet, 0, measured=False)
    ends(good, 90)
    assert counting.recount(quiet.change, failed=True)
    row = History.objects.get()
    assert (row.recent, row.weighted_runs, row.weighted_failures) == ([True, False], Decimal("1.5"), Decimal("0.5"))


def test_of_one_that_is_taken_out_the_twenty_first_takes_the_place(service, asker):
    first, *later = runs(service, asker, 21)
    ends(first, 0, clean=False)
    for number, run in enumerate(later, 1):
        ends(run, number, clean=number != 1, measured=number != 1)
    assert History.objects.get().recent == [True, *[False] * 19]
    assert counting.recount(later[0].change, failed=False), "nobody saw it work: it counts neither way"
    assert History.objects.get().recent == [True, *[False] * 19]
    require_as_from_scratch()


@pytest.mark.parametrize("seed", range(8))
def test_in_whatever_order_runs_are_told_the_row_is_as_counted_from_scratch(seed, service, asker, witness):
    random = Random(seed)
    made = runs(service, asker, random.choice([3, 8, 25]))
    days = {run.pk: random.randrange(120) for run in made}  # some end in the same minute
    for run in random.sample(made, len(made)):
        if random.random() < 0.8:
            ends(run, days[run.pk], clean=random.random() < 0.6, measured=random.random() < 0.5)
    require_as_from_scratch()
    for _step in range(25):
        run = random.choice(made)
        change = Change.objects.get(pk=run.change_id)
        match random.randrange(4):
            case 0:
                ends(run, days[run.pk], clean=random.random() < 0.6, measured=random.random() < 0.5)
            case 1:
                counting.vouch(change, witness, T0 + 150 * DAY)
            case _:
                counting.recount(change, failed=random.random() < 0.5)
        require_as_from_scratch()


def test_to_count_late_asks_as_often_however_many_runs_there_were(service, asker):
    asked = set()
    for many in (2, 25):
        first, *later = runs(service, asker, many)
        ends(first, 0, measured=False)
        for number, run in enumerate(later, 1):
            ends(run, number)
        change = Change.objects.select_related("service", "model").get(pk=first.change_id)
        with CaptureQueriesContext(connection) as seen:
            assert counting.recount(change, failed=True)
        asked.add(len(seen))
        require_as_from_scratch()
    assert len(asked) == 1
