"""The questionnaire of a policy: what is asked of a change that no approved model answers for, and what answers weigh.

Promise: pure. Which questions are asked follows from the answers to earlier ones and from where the change runs, so
that no circle can be written down. A question that is asked and not answered makes the risk unknown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST_QUESTIONS, MOST_ANSWERS, MOST_CONDITIONS, MOST_WEIGHT = 50, 10, 5, 1000
LONGEST_TEXT = 300
# The one condition that no answer says: whether it runs in production ("yes", "no"), by the register of environments.
PRODUCTION = "production"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One of a question's answers; `weight`: 0 (says nothing) to 1000."""

    name: str
    text: str
    weight: int


@dataclass(frozen=True, slots=True)
class Question:
    """`asked_when`: an earlier question, or "production" -> answers. Asked where each of them got one of these."""

    name: str
    text: str
    answers: tuple[Answer, ...]
    asked_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def weight_of(self, answer: str | None) -> int | None:
        """What this answer weighs; None for none, or one that this question does not have."""
        return next((one.weight for one in self.answers if one.name == answer), None)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Its questions in order. The sum of weights makes the risk: low below medium_from, medium below high_from."""

    questions: tuple[Question, ...]
    medium_from: int
    high_from: int

    def asked(self, answers: Mapping[str, str], *, in_production: bool) -> tuple[Question, ...]:
        """The questions whose conditions hold, with these answers, in order."""
        said = {PRODUCTION: "yes" if in_production else "no"}
        found = []
        for question in self.questions:
            if all(said.get(name) in wanted for name, wanted in question.asked_when.items()):
                found.append(question)
                if question.name in answers:
                    said[question.name] = answers[question.name]
        return tuple(found)

    def lightest(self, answers: Mapping[str, str], *, in_production: bool) -> dict[str, str]:
        """These answers, and the lightest to whatever else is asked."""
        said = dict(answers)
        while left := [
            one for one in self.asked(said, in_production=in_production) if one.weight_of(said.get(one.name)) is None
        ]:
            said[left[0].name] = min(left[0].answers, key=lambda one: one.weight).name
        return said

    @property
    def heaviest(self) -> int:
        """More than this no answers weigh."""
        return sum(max((one.weight for one in question.answers), default=0) for question in self.questions)


def questionnaire_problems(asks: Questionnaire) -> Iterator[str]:
    """Everything that is wrong with it, each sentence behind its path; nothing for a sound one."""
    if not 1 <= len(asks.questions) <= MOST_QUESTIONS:
        yield f"questionnaire.questions: 1 to {MOST_QUESTIONS} questions; leave the questionnaire out to ask none"
        return
    earlier: dict[str, frozenset[str]] = {PRODUCTION: frozenset({"yes", "no"})}
    for place, question in enumerate(asks.questions):
        yield from (f"questionnaire.questions[{place}].{said}" for said in _question_problems(question, earlier))
        earlier[question.name] = frozenset(one.name for one in question.answers)
    if not 1 <= asks.medium_from < asks.high_from <= MOST_QUESTIONS * MOST_WEIGHT:
        yield "questionnaire.medium_from: a whole number above 0 and below high_from"
    elif asks.heaviest < asks.medium_from:
        yield "questionnaire.medium_from: no answers weigh as much; such questions are asked in vain"


def _question_problems(question: Question, earlier: Mapping[str, frozenset[str]]) -> Iterator[str]:
    if not _NAME.fullmatch(question.name):
        yield "name: small letters, digits and _, at most 40"
    elif question.name in earlier:
        yield f"name: {question.name} is taken"
    if _odd(question.text):
        yield f"text: 1 to {LONGEST_TEXT} characters"
    if not 2 <= len(question.answers) <= MOST_ANSWERS:
        yield f"answers: 2 to {MOST_ANSWERS} answers"
        return
    if len({one.name for one in question.answers}) < len(question.answers):
        yield "answers: each has a name of its own"
    for place, answer in enumerate(question.answers):
        if not _NAME.fullmatch(answer.name):
            yield f"answers[{place}].name: small letters, digits and _, at most 40"
        if _odd(answer.text):
            yield f"answers[{place}].text: 1 to {LONGEST_TEXT} characters"
        if not 0 <= answer.weight <= MOST_WEIGHT:
            yield f"answers[{place}].weight: a whole number from 0 to {MOST_WEIGHT}"
    yield from _condition_problems(question, earlier)


def _condition_problems(question: Question, earlier: Mapping[str, frozenset[str]]) -> Iterator[str]:
    if len(question.asked_when) > MOST_CONDITIONS:
        yield f"asked_when: at most {MOST_CONDITIONS} conditions"
        return
    for name, wanted in question.asked_when.items():
        if name not in earlier:
            yield f"asked_when.{name[:40]}: only an earlier question, or {PRODUCTION}"
        elif not wanted or not set(wanted) <= earlier[name]:
            yield f"asked_when.{name}: answers of that question, at least one"


def _odd(text: str) -> bool:
    return not text.strip() or len(text) > LONGEST_TEXT or "\x00" in text
