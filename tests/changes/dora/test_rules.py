"""What fails, since when and until when: of facts that are given."""

import pytest

from changes.dora.rules import HOUR, Fact, Known, LeadTimes, by_part, figures, judged

NONE: frozenset[int] = frozenset()
NOTHING = Known({}, {}, NONE, NONE, {})
NO_LEAD = LeadTimes(0, None, None, None)


def _fact(ended: float, result: str = "succeeded", change: int | None = None, **words: object) -> Fact:
    said = {
        "id": int(ended),
        "environment": "production",
        "started": (ended - 1) * HOUR,
        "rework": "",
    }
    return Fact(**said | {"ended": ended * HOUR, "result": result, "change": change} | words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fact", "known", "because"),
    [
        (_fact(5), NOTHING, ()),
        (_fact(5, "failed"), NOTHING, ("failed",)),
        (_fact(5, "rolled_back"), NOTHING, ("rolled_back",)),
        (_fact(5, change=7), Known({}, {}, NONE, frozenset({7}), {}), ("unsuccessful",)),
        (_fact(5, change=7), Known({7: 6 * HOUR}, {}, NONE, NONE, {}), ("rolled_back",)),
        (_fact(5, change=7), Known({}, {7: [None]}, NONE, NONE, {}), ("incident",)),
        (_fact(5, change=7), Known({}, {}, frozenset({7}), NONE, {}), ("debit",)),
        (_fact(5, change=7), Known({8: 6 * HOUR}, {8: [None]}, frozenset({8}), NONE, {}), ()),
        (_fact(5), Known({}, {}, NONE, NONE, {}), ()),
    ],
)  # fmt: skip
def test_a_deployment_fails_by_what_is_known_of_itself(fact: Fact, known: Known, because: tuple[str, ...]) -> None:
    [one] = judged([fact], known)
    assert one.because == because


def test_the_one_before_a_failure_is_not_blamed() -> None:
    before, failed = judged([_fact(5), _fact(6, "failed")], NOTHING)
    assert (before.because, failed.because) == ((), ("failed",))


@pytest.mark.parametrize(
    ("facts", "known", "hours"),
    [
        # From its end to the end of the next success there.
        ([_fact(5, "failed"), _fact(8)], NOTHING, 3),
        ([_fact(5, "failed"), _fact(6, environment="production-us"), _fact(8, "failed"), _fact(9)], NOTHING, 4),
        ([_fact(5, "failed")], NOTHING, None),
        ([_fact(5, "failed")], Known({}, {}, NONE, NONE, {"production": 25 * HOUR}), 20),
        # The incident's resolution where it is earlier; of several the last; none while one is open.
        ([_fact(5, change=7), _fact(9)], Known({}, {7: [7 * HOUR]}, NONE, NONE, {}), 2),
        ([_fact(5, change=7), _fact(9)], Known({}, {7: [6 * HOUR, 8 * HOUR]}, NONE, NONE, {}), 3),
        ([_fact(5, change=7), _fact(9)], Known({}, {7: [6 * HOUR, None]}, NONE, NONE, {}), 4),
        ([_fact(5, change=7), _fact(9)], Known({}, {7: [50 * HOUR]}, NONE, NONE, {}), 4),
        # The rollback that names it.
        ([_fact(5, change=7), _fact(9)], Known({7: 6 * HOUR}, {}, NONE, NONE, {}), 1),
        # Taken back in the same run, or before its end was told: from the start.
        ([_fact(5, "rolled_back"), _fact(9)], NOTHING, 1),
        ([_fact(5, "rolled_back", change=7)], Known({7: 4.5 * HOUR}, {}, NONE, NONE, {}), 0.5),
    ],
)  # fmt: skip
def test_recovery_is_from_the_end_of_what_failed_to_what_restored_the_service(
    facts: list[Fact], known: Known, hours: float | None
) -> None:
    assert judged(facts, known)[0].hours == hours


def test_the_five_of_a_period() -> None:
    facts = [
        _fact(5, "failed"), _fact(7), _fact(10, "failed"), _fact(11, rework="fix"), _fact(20, rework="rollback"), _fact(30),
        _fact(40, "rolled_back"), _fact(50, "failed", environment="production-us"),
    ]  # fmt: skip
    found = figures(judged(facts, NOTHING), NO_LEAD, days=2)
    assert (found.deployments, found.succeeded, found.failed, found.restored, found.reworked) == (8, 4, 4, 3, 2)
    assert (found.frequency, found.fail_rate, found.rework_rate) == (2.0, 0.5, 0.25)
    assert found.recovery == 1  # of 2, 1 and 1 hours; the last goes on
    empty = figures([], NO_LEAD, days=2)
    assert (empty.frequency, empty.fail_rate, empty.rework_rate, empty.recovery) == (0, None, None, None)


def test_a_deployment_counts_in_the_part_in_which_it_ended() -> None:
    those = judged([_fact(1), _fact(2), _fact(3), _fact(4)], NOTHING)
    parts = by_part(those, [1 * HOUR, 2 * HOUR, 4 * HOUR])
    assert [[one.fact.id for one in part] for part in parts] == [[1], [2, 3]]
