"""How an incident wants its clocks to stand: replies, holds, reopening, cancelling. No database."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from incidents.sla.rules import Facts, Turn, Word, wanted
from itsm.clocks.algebra import State
from itsm.clocks.wanted import Wanted
from tests.itsm.clocks.calendars import BER, local

OPENED = "03-02 09:00"


def at(text: str) -> datetime:
    return local(BER, text if " " in text else f"03-02 {text}")


def caller(text: str, **more: bool) -> Word:
    return Word(at(text), by_caller=True, **more)


def agent(text: str, **more: bool) -> Word:
    return Word(at(text), answers=True, **more)


def turn(text: str, what: str, reason: str = "") -> Turn:
    return Turn(at(text), what, reason)


def clocks(words: Sequence[Word] = (), turns: Sequence[Turn] = (), **more: object) -> dict[str, Wanted]:
    facts = Facts(at(OPENED), words=words, turns=turns, **more)  # type: ignore[arg-type]
    return {one.name: one for one in wanted(facts)}


def stands(one: Wanted) -> tuple[State, datetime]:
    return one.state, one.since


@pytest.mark.parametrize(
    ("words", "turns", "expected"),
    [
        ([], [], (State.RUNNING, OPENED)),
        ([agent("10:00")], [], (State.STOPPED, "10:00")),
        ([agent("10:00", public=False)], [], (State.RUNNING, OPENED)),
        ([agent("10:00", automatic=True)], [], (State.RUNNING, OPENED)),
        ([caller("10:00")], [], (State.RUNNING, OPENED)),
        ([Word(at("10:00"), by_caller=True, answers=True)], [], (State.RUNNING, OPENED)),
        ([Word(at("10:00"))], [], (State.RUNNING, OPENED)),
        ([], [turn("11:00", "resolved")], (State.STOPPED, "11:00")),
        ([], [turn("11:00", "held", "caller")], (State.RUNNING, OPENED)),
        ([], [turn("11:00", "cancelled")], (State.VOID, "11:00")),
        ([agent("10:00")], [turn("11:00", "cancelled")], (State.STOPPED, "10:00")),
        ([agent("10:00")], [turn("11:00", "resolved"), turn("12:00", "reopened")], (State.STOPPED, "10:00")),
        ([agent("12:00")], [turn("11:00", "cancelled")], (State.VOID, "11:00")),
    ],
)
def test_the_first_response(words: list[Word], turns: list[Turn], expected: tuple[State, str]) -> None:
    assert stands(clocks(words, turns)["first_response"]) == (expected[0], at(expected[1]))


def test_by_phone_the_first_response_is_given_at_once() -> None:
    assert stands(clocks(channel="phone")["first_response"]) == (State.STOPPED, at(OPENED))


@pytest.mark.parametrize(
    ("words", "turns", "expected"),
    [
        ([caller("09:30")], [], None),  # before the first response
        ([caller("09:30"), agent("09:40")], [], None),
        ([agent("09:40"), caller("10:00")], [], ("10:00", State.RUNNING, "10:00")),
        ([agent("09:40"), caller("10:00"), caller("10:40")], [], ("10:00", State.RUNNING, "10:00")),
        ([agent("09:40"), caller("10:00"), caller("10:40"), agent("11:30")], [], ("10:00", State.STOPPED, "11:30")),
        ([agent("09:40"), caller("10:00"), agent("11:30", public=False)], [], ("10:00", State.RUNNING, "10:00")),
        ([agent("09:40"), caller("10:00"), agent("11:30", automatic=True)], [], ("10:00", State.RUNNING, "10:00")),
        (
            [agent("09:40"), caller("10:00"), agent("11:30"), caller("03-06 16:30"), agent("03-09 09:20")], [],
            ("03-06 16:30", State.STOPPED, "03-09 09:20"),
        ),
        ([agent("09:40"), caller("10:00")], [turn("11:00", "held", "caller")], ("10:00", State.RUNNING, "10:00")),
        ([agent("09:40"), caller("10:00")], [turn("11:00", "resolved")], ("10:00", State.STOPPED, "11:00")),
        ([agent("09:40"), caller("11:30")], [turn("11:00", "resolved")], None),  # thanks
        (
            [agent("09:40"), caller("12:00")], [turn("11:00", "resolved"), turn("12:00", "reopened")],
            ("12:00", State.RUNNING, "12:00"),
        ),
        ([agent("09:40"), caller("10:00")], [turn("11:00", "merged")], ("10:00", State.VOID, "11:00")),
    ],
)  # fmt: skip
def test_the_update_clock(words: list[Word], turns: list[Turn], expected: tuple[str, State, str] | None) -> None:
    found = clocks(words, turns).get("update")
    if expected is None:
        assert found is None
    else:
        assert found is not None
        began, state, since = expected
        assert (found.began, found.state, found.since, found.again) == (at(began), state, at(since), "restart")


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], (State.RUNNING, OPENED)),
        ([turn("10:00", "held", "caller")], (State.PAUSED, "10:00")),
        ([turn("10:00", "held", "vendor")], (State.RUNNING, OPENED)),
        ([turn("10:00", "held", "caller"), turn("12:00", "held", "problem")], (State.PAUSED, "10:00")),
        ([turn("10:00", "held", "caller"), turn("12:00", "held", "vendor")], (State.RUNNING, "12:00")),
        ([turn("10:00", "held", "caller"), turn("14:00", "resumed")], (State.RUNNING, "14:00")),
        ([turn("10:00", "held", "caller"), turn("14:00", "resolved")], (State.STOPPED, "14:00")),
        ([turn("14:00", "cancelled")], (State.VOID, "14:00")),
        ([turn("14:00", "merged"), turn("15:00", "resolved")], (State.VOID, "14:00")),
    ],
)
def test_the_resolve_clock(turns: list[Turn], expected: tuple[State, str]) -> None:
    found = clocks([], turns, pauses=("caller", "problem"))["resolve"]
    assert stands(found) == (expected[0], at(expected[1]))


@pytest.mark.parametrize("rule", ["continue", "restart"])
def test_reopened_it_goes_on_or_begins_again(rule: str) -> None:
    turns = [turn("13:00", "resolved"), turn("03-04 10:00", "reopened")]
    found = clocks([], turns, on_reopen=rule)["resolve"]
    assert (found.began, found.again, *stands(found)) == (at("03-04 10:00"), rule, State.RUNNING, at("03-04 10:00"))


def test_without_terms_it_is_counted_and_never_due() -> None:
    assert clocks()["resolve"].terms.target_s is None
