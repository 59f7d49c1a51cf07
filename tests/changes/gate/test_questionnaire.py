"""The policy's questionnaire: asked in order, weighed, never kinder than the other engines, unknown where it is open."""

from dataclasses import replace
from typing import Any

import pytest

from changes.gate.canonical import Malformed
from changes.gate.decide import decide, fingerprint
from changes.gate.policy import InvalidPolicy, Policy, policy_from_json, policy_to_json
from changes.gate.policy_default import default_policy
from changes.gate.questionnaire import Answer, Question, Questionnaire
from changes.gate.vocabulary import Engine
from tests.changes.gate.scenes import evidence

YES_NO = (Answer("yes", "Yes", 8), Answer("no", "No", 0))
MIGRATES = Question("migrates", "Does it migrate a schema?", YES_NO)
BACK = Question("goes_back", "Can the migration be taken back?", (Answer("yes", "Yes", 0), Answer("no", "No", 15)),
                {"migrates": ("yes",)})  # fmt: skip
ROUTES = Question("routes", "Does it change how traffic is routed?", YES_NO, {"production": ("yes",)})
ASKS = Questionnaire((MIGRATES, BACK, ROUTES), medium_from=10, high_from=20)
POLICY = default_policy()
ASKING = replace(POLICY, questionnaire=ASKS)


def said(answers: dict[str, str], policy: Policy = ASKING, **knobs: Any) -> Any:
    scene = evidence(**{"change_class": "normal"} | knobs)
    return decide(replace(scene, change=replace(scene.change, answers=answers)), policy)


def engine(verdict: Any) -> Any:
    return next(one for one in verdict.contributions if one.engine is Engine.QUESTIONNAIRE)


@pytest.mark.parametrize(
    ("answers", "risk", "score"),
    [
        ({"migrates": "no", "routes": "no"}, "low", "0"),
        ({"migrates": "no", "routes": "yes"}, "low", "8"),
        ({"migrates": "yes", "goes_back": "yes", "routes": "yes"}, "medium", "16"),
        ({"migrates": "yes", "goes_back": "no", "routes": "no"}, "high", "23"),
        ({"migrates": "no", "goes_back": "no", "routes": "no"}, "low", "0"),  # what is not asked weighs nothing
    ],
)
def test_the_sum_of_the_weights_makes_the_risk(answers: dict[str, str], risk: str, score: str) -> None:
    told = engine(said(answers))
    assert (told.risk, told.score, told.counted, told.known) == (risk, score, True, True)


@pytest.mark.parametrize(
    "answers",
    [{}, {"migrates": "no"}, {"migrates": "yes", "routes": "no"}, {"migrates": "perhaps", "routes": "no"}],
)
def test_an_open_question_is_unknown_and_leads_to_people(answers: dict[str, str]) -> None:
    answered = {"migrates": "no", "routes": "no"}
    assert said(answered).outcome == "approved"
    asked_of_people = said(answers)
    assert asked_of_people.outcome in ("peer", "cab")
    assert not engine(asked_of_people).known
    assert "questions_unanswered" in {one.code for one in asked_of_people.reasons}
    assert "questions_answered" in {one.code for one in asked_of_people.what_would_help}


@pytest.mark.parametrize("state", ["healthy", "watch", "constrained", "exhausted", "burning_fast"])
@pytest.mark.parametrize("risk", ["low", "medium", "high"])
def test_no_answer_and_no_silence_is_kinder_than_no_question(state: str, risk: str) -> None:
    strict = ("approved", "exception", "peer", "cab", "postponed", "blocked")
    unasked = said({}, POLICY, state=state, risk=risk).outcome
    for answers in ({}, {"migrates": "no", "routes": "no"}, {"migrates": "yes", "goes_back": "no", "routes": "yes"}):
        assert strict.index(said(answers, state=state, risk=risk).outcome) >= strict.index(unasked)


def test_an_approved_model_answers_for_its_changes_and_nothing_is_asked_outside_production() -> None:
    assert said({}, change_class="standard").outcome == "approved"
    elsewhere = said({"migrates": "no"}, environment="staging")
    assert (elsewhere.outcome, engine(elsewhere).known) == ("approved", True)


def test_a_policy_without_one_keeps_its_hash_and_evidence_without_answers_its_own() -> None:
    assert "questionnaire" not in policy_to_json(POLICY)
    assert policy_from_json(policy_to_json(ASKING)) == ASKING
    plain = evidence()
    told = replace(plain, change=replace(plain.change, answered="gate v2"))
    assert fingerprint(plain, POLICY) != fingerprint(told, POLICY)
    assert fingerprint(replace(told, change=replace(told.change, answered=None)), POLICY) == fingerprint(plain, POLICY)


WRITTEN = policy_to_json(ASKING)["questionnaire"]  # once: each of ten thousand questions begins with it


def _content(**more: Any) -> dict[str, Any]:
    return WRITTEN | more


def _question(**more: Any) -> dict[str, Any]:
    return WRITTEN["questions"][0] | more


def _answers(*weights: Any) -> list[dict[str, Any]]:
    return [{"name": f"a{place}", "text": "So", "weight": weight} for place, weight in enumerate(weights)]


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (_content(questions=[]), "questionnaire.questions"),
        (_content(questions=[_question(name=f"q{one}") for one in range(10_000)]), "questionnaire.questions"),
        (_content(questions=[_question(), _question()]), "questions[1].name"),
        (_content(questions=[_question(name="production")]), "questions[0].name"),
        (_content(questions=[_question(name="What?")]), "questions[0].name"),
        (_content(questions=[_question(text=" ")]), "questions[0].text"),
        (_content(questions=[_question(answers=_answers(1))]), "questions[0].answers"),
        (_content(questions=[_question(answers=_answers(1, -1))]), "answers[1].weight"),
        (_content(questions=[_question(answers=_answers(1, 1001))]), "answers[1].weight"),
        (_content(questions=[_question(answers=_answers(1, float("nan")))]), "answers[1].weight"),
        (_content(questions=[_question(answers=_answers(1, True))]), "answers[1].weight"),
        (_content(questions=[_question(answers=[{"name": "a", "text": "So"}] * 2)]), "answers[0].weight"),
        # A circle cannot be written down: a condition names an earlier question.
        (_content(questions=[_question(asked_when={"migrates": ["yes"]})]), "asked_when.migrates"),
        (_content(questions=[_question(asked_when={"later": ["yes"]}), _question(name="later")]), "asked_when.later"),
        (_content(questions=[_question(), _question(name="b", asked_when={"migrates": ["?"]})]), "asked_when.migrates"),
        (_content(medium_from=20, high_from=20), "questionnaire.medium_from"),
        (_content(medium_from=0), "questionnaire.medium_from"),
        (_content(medium_from=5000, high_from=6000), "questionnaire.medium_from"),
        (_content(questions="no list"), "questionnaire.questions"),
        (_content(extra=1), "questionnaire.extra"),
    ],
)
def test_an_odd_questionnaire_is_refused_by_its_path(content: dict[str, Any], path: str) -> None:
    with pytest.raises((InvalidPolicy, Malformed)) as refused:
        policy_from_json(policy_to_json(POLICY) | {"questionnaire": content})
    assert path in str(refused.value)
