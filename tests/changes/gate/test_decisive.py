"""What has become worse since somebody decided: nothing is missed, and nothing that is not worse holds."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changes.gate import decisive as module
from changes.gate.canonical import from_json, to_json
from changes.gate.decisive import GRAVE, Decisive, decisive, news_between, seen_mark, worse
from changes.gate.policy_default import default_policy
from changes.gate.sentence_texts import NEWS
from changes.gate.sentences import news_sentence
from slo.engine.states import State
from tests.changes.gate.scenes import evidence

POLICY = default_policy()
NAMES = st.sampled_from(["a", "b", "c"])
COLUMNS = st.sampled_from(["healthy", "watch", "constrained", "recovering", "low_confidence", *GRAVE])
WORLDS = st.builds(
    Decisive,
    majors=st.dictionaries(NAMES, st.just("shop"), max_size=3),
    closures=st.dictionaries(NAMES, st.just("freeze 2026-03-02T14:00:00Z"), max_size=3),
    budgets=st.dictionaries(NAMES, COLUMNS, max_size=3),
    reached=st.dictionaries(NAMES, st.sampled_from(["", "burning_fast", "exhausted", "no_data"]), max_size=3),
    unseen=st.dictionaries(st.sampled_from(["calendar", "history"]), st.just("missing"), max_size=2),
)


def is_worse(known: Decisive, now: Decisive) -> bool:
    """The oracle: said in another way than the code says it."""
    return (
        any(one not in known.majors for one in now.majors)
        or any(one not in known.closures for one in now.closures)
        or any(column in GRAVE and known.budgets.get(one) != column for one, column in now.budgets.items())
        or any(one not in now.budgets for one in known.budgets)
        or any(
            one not in known.reached or (state and known.reached[one] != state) for one, state in now.reached.items()
        )
        or any(one not in known.unseen for one in now.unseen)
    )


# A busy machine generates slowly; that says nothing about the code.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(WORLDS, WORLDS)
def test_it_holds_exactly_where_something_is_worse(known: Decisive, now: Decisive) -> None:
    assert bool(worse(known, now)) == is_worse(known, now)
    assert bool(seen_mark(news_between(known, now))) == is_worse(known, now)


@UNHURRIED
@given(WORLDS)
def test_what_is_known_is_no_news(known: Decisive) -> None:
    assert news_between(known, known) == ()
    assert from_json(Decisive, to_json(known)) == known


@UNHURRIED
@given(WORLDS, WORLDS)
def test_every_difference_is_a_sentence_without_codes(known: Decisive, now: Decisive) -> None:
    for each in news_between(known, now):
        said = news_sentence(each)
        assert said != each.code
        assert "_" not in said
        assert "T14" not in said


@UNHURRIED
@given(WORLDS, WORLDS, WORLDS)
def test_the_mark_of_other_news_is_another_mark(known: Decisive, one: Decisive, other: Decisive) -> None:
    first, second = news_between(known, one), news_between(known, other)
    if [each for each in first if each.worse] != [each for each in second if each.worse]:
        assert seen_mark(first) != seen_mark(second)


@pytest.mark.parametrize(
    ("scene", "code"),
    [
        ({"state": "major"}, "major_opened"),
        ({"state": "burning_fast"}, "budget_burning_fast"),
        ({"state": "exhausted"}, "budget_exhausted"),
        ({"state": "no_data"}, "budget_no_data"),
        ({"calendar": "freeze"}, "calendar_closes"),
        ({"calendar": "lockdown"}, "calendar_closes"),
        ({"missing": ("history",)}, "evidence_unseen"),
    ],
)
def test_evidence_that_is_worse_is_seen(scene: dict[str, object], code: str) -> None:
    known, now = (decisive(evidence(**words), POLICY) for words in ({}, scene))
    assert code in [each.code for each in worse(known, now)]
    assert not worse(now, now)


def test_elsewhere_only_the_calendar_counts() -> None:
    known = decisive(evidence(environment="staging"), POLICY)
    assert not worse(known, decisive(evidence(environment="staging", state="exhausted"), POLICY))
    assert worse(known, decisive(evidence(environment="staging", calendar="lockdown"), POLICY))


def test_every_news_has_its_sentence() -> None:
    source = Path(module.__file__).read_text()
    spoken = set(re.findall(r'News\(\s*"(\w+)"', source)) | {f"budget_{column}" for column in GRAVE}
    assert spoken == set(NEWS)


def test_a_state_that_nobody_knows_is_grave() -> None:
    known = decisive(evidence(reached=State.HEALTHY.value), POLICY)
    reach = evidence(reached=State.HEALTHY.value)
    strange = replace(reach.reach.value.reached[0], state="on fire")  # type: ignore[union-attr]
    odd = replace(reach, reach=replace(reach.reach, value=replace(reach.reach.value, reached=(strange,))))  # type: ignore[type-var]
    assert [each.code for each in worse(known, decisive(odd, POLICY))] == ["reached_trouble"]
