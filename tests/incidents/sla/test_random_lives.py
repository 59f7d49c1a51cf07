"""Random lives of incidents: whatever happens, in whatever order, each clock's row is the fold of its events, and what
the words and turns say by themselves is what the clock says."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incidents.sla.rules import Facts, Turn, Word, wanted
from itsm.clocks import operations
from itsm.clocks.calendars import counted_by
from itsm.clocks.hours_format import days_written, week_written
from itsm.clocks.models import Calendar, Clock
from itsm.clocks.terms import Terms
from itsm.clocks.verifying import faults
from tests.itsm.clocks.calendars import BER
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db
LIVES = 2_000 if IN_FULL else 20
OPENED = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # before clocks go forward


@pytest.fixture
def berlin() -> Calendar:
    calendar = Calendar.objects.create(name="Berlin", zone="Europe/Berlin")
    calendar.versions.create(
        number=1, valid_from=OPENED, week=week_written(BER), days=days_written(BER), at=OPENED, by_name="tests"
    )
    return calendar


def lived(number: int, calendar: Calendar) -> Facts:
    """Lets an incident live, its clocks following each step; the facts in the end."""
    dice, at, status = random.Random(f"life {number}"), OPENED, "open"
    terms = counted_by(calendar.pk, OPENED)
    facts = Facts(
        OPENED, dice.choice(["mail", "mail", "phone"]), terms=some_terms(dice, terms),
        on_reopen=dice.choice(["continue", "restart"]), pauses=("caller", "problem"),
    )  # fmt: skip
    operations.follow("thing", number, wanted(facts), now=at)
    for _ in range(dice.randint(0, 9)):
        at += timedelta(minutes=dice.choice([0, 1, 30, 200, 1500, 4000]), seconds=dice.randint(0, 59))
        facts, status = one_step(dice, facts, status, at, terms)
        for _again in range(dice.choice([1, 1, 2])):
            operations.follow("thing", number, wanted(facts), now=at)
    return facts


def some_terms(dice: random.Random, terms: Terms) -> dict[str, Terms]:
    def one() -> Terms:
        return replace(terms, target_s=dice.choice([None, 1800, 14_400, 57_600]), agreement=dice.randint(1, 3))

    return {"first_response": one(), "update": one(), "resolve": one()}


def one_step(dice: random.Random, facts: Facts, status: str, at: datetime, terms: Terms) -> tuple[Facts, str]:
    def turned(what: str, to: str, reason: str = "") -> tuple[Facts, str]:
        return replace(facts, turns=[*facts.turns, Turn(at, what, reason)]), to

    match dice.choice(["say", "say", "say", "hold", "resume", "resolve", "reopen", "cancel", "place"]):
        case "say":
            by_caller = dice.random() < 0.5
            said = Word(at, by_caller, not by_caller, dice.random() < 0.8, dice.random() < 0.1)
            return replace(facts, words=[*facts.words, said]), status
        case "hold" if status in ("open", "held"):
            return turned("held", "held", dice.choice(["caller", "vendor", "problem"]))
        case "resume" if status == "held":
            return turned("resumed", "open")
        case "resolve" if status in ("open", "held"):
            return turned("resolved", "resolved")
        case "reopen" if status == "resolved":
            return turned("reopened", "open")
        case "cancel" if status in ("open", "held") and dice.random() < 0.3:
            return turned("cancelled", "cancelled")
        case "place":
            return replace(facts, terms=some_terms(dice, terms)), status
    return facts, status


def test_after_random_lives_every_row_is_the_fold_of_its_events(berlin: Calendar) -> None:
    lives = [lived(number, berlin) for number in range(LIVES)]
    assert not list(faults(OPENED + timedelta(days=1)))
    for number, facts in enumerate(lives):
        for one in wanted(facts):
            last = Clock.objects.filter(record_id=number, name=one.name).latest("cycle")
            assert last.state == one.state, f"life {number}: {one.name}"
            if one.state == "stopped":
                stopped = last.events.filter(happened="stopped").latest("id")
                assert stopped.at >= one.since.replace(microsecond=0), f"life {number}: {one.name}"


def test_following_a_life_again_writes_nothing(berlin: Calendar) -> None:
    for number in range(5):
        facts = lived(number, berlin)
        before = list(Clock.objects.order_by("pk").values())
        operations.follow("thing", number, wanted(facts), now=OPENED + timedelta(days=90))
        assert list(Clock.objects.order_by("pk").values()) == before
