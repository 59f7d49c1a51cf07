"""The questionnaire of a draft as fields of a page, and back: nothing typed is lost, whatever is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from changes.gate.questionnaire import MOST_ANSWERS, MOST_QUESTIONS

_MORE_QUESTIONS = 1
_MORE_ANSWERS = 2
_LONGEST = 400  # of what is read back from a field; the policy's own limits are lower


@dataclass(slots=True)
class AnswerLine:
    """One answer as it is typed. `key` begins the names of its fields."""

    key: str
    name: str = ""
    text: str = ""
    weight: str = ""
    wrong: str = ""


@dataclass(slots=True)
class QuestionLine:
    """One question as it is typed. `when`: "migrates: yes, no; production: yes"."""

    key: str
    name: str = ""
    text: str = ""
    when: str = ""
    answers: list[AnswerLine] = field(default_factory=list)
    wrong: str = ""


@dataclass(slots=True)
class Sheet:
    """All of it. Lines without a name, a text and answers are no questions: there is always one to write on."""

    questions: list[QuestionLine]
    medium_from: str = "10"
    high_from: str = "20"
    wrong: str = ""


def sheet_of(asks: Mapping[str, Any] | None) -> Sheet:
    """As a policy keeps it, with room for more."""
    found = asks or {"questions": [], "medium_from": 10, "high_from": 20}
    questions = []
    for place, one in enumerate(found["questions"]):
        when = "; ".join(f"{name}: {', '.join(wanted)}" for name, wanted in one["asked_when"].items())
        answers = [
            AnswerLine(f"q{place}a{number}", said["name"], said["text"], str(said["weight"]))
            for number, said in enumerate(one["answers"])
        ]
        questions.append(QuestionLine(f"q{place}", one["name"], one["text"], when, answers))
    return _with_room(Sheet(questions, str(found["medium_from"]), str(found["high_from"])))


def sheet_sent(sent: Mapping[str, str]) -> Sheet:
    """As a browser sent it. Emptied questions and answers are gone."""
    questions: list[QuestionLine] = []
    for place in range(MOST_QUESTIONS + _MORE_QUESTIONS):
        key = f"q{place}"
        answers = [
            AnswerLine("", *(_read(sent, f"{key}a{number}-{name}") for name in ("name", "text", "weight")))
            for number in range(MOST_ANSWERS + _MORE_ANSWERS)
        ]
        answers = [one for one in answers if one.name or one.text or one.weight]
        name, text, when = (_read(sent, f"{key}-{part}") for part in ("name", "text", "when"))
        line = QuestionLine("", name, text, when, answers)
        if line.name or line.text or answers:
            questions.append(line)
    for place, one in enumerate(questions):
        one.key = f"q{place}"
        for number, said in enumerate(one.answers):
            said.key = f"{one.key}a{number}"
    return _with_room(Sheet(questions, _read(sent, "medium_from"), _read(sent, "high_from")))


def plain_of(sheet: Sheet) -> dict[str, Any] | None:
    """As a policy keeps it; what is no number stays a text and is refused by its path. None where nothing is asked."""
    written = [one for one in sheet.questions if one.name or one.text or any(map(_is_written, one.answers))]
    if not written:
        return None
    questions = [
        {
            "name": one.name,
            "text": one.text,
            "asked_when": _conditions(one.when),
            "answers": [
                {"name": said.name, "text": said.text, "weight": _number(said.weight)}
                for said in one.answers
                if _is_written(said)
            ],
        }
        for one in written
    ]
    return {
        "questions": questions,
        "medium_from": _number(sheet.medium_from),
        "high_from": _number(sheet.high_from),
    }


def mark(sheet: Sheet, errors: Mapping[str, list[str]]) -> None:
    """Write each refusal beside what it is about."""
    for path, sentences in errors.items():
        place, number, last = _place_of(path)
        said = " ".join(_sentence(last, one) for one in sentences)
        line: Sheet | QuestionLine | AnswerLine = sheet
        if place is not None and place < len(sheet.questions):
            line = sheet.questions[place]
            if number is not None and number < len(sheet.questions[place].answers):
                line = sheet.questions[place].answers[number]
        line.wrong = f"{line.wrong} {said}".strip()


def _place_of(path: str) -> tuple[int | None, int | None, str]:
    """content.questionnaire.questions[1].answers[2].weight: 1, 2, weight."""
    numbers = {
        name: int(rest.rstrip("]"))
        for step in path.split(".")
        for name, bracket, rest in [step.partition("[")]
        if bracket and rest.rstrip("]").isdecimal()
    }
    return numbers.get("questions"), numbers.get("answers"), path.rpartition(".")[2]


def _sentence(last: str, said: str) -> str:
    if said.endswith("int is needed"):
        return _("A whole number is missing here.")
    return f"{last}: {said.rpartition(': ')[2]}"


def _with_room(sheet: Sheet) -> Sheet:
    place = len(sheet.questions)
    if place < MOST_QUESTIONS:
        sheet.questions.append(QuestionLine(f"q{place}"))
    for one in sheet.questions:
        many = len(one.answers)
        room = min(max(_MORE_ANSWERS - many, 1), max(MOST_ANSWERS - many, 0))
        one.answers += [AnswerLine(f"{one.key}a{many + more}") for more in range(room)]
    return sheet


def _is_written(line: AnswerLine) -> bool:
    return bool(line.name or line.text or line.weight)


def _read(sent: Mapping[str, str], name: str) -> str:
    return str(sent.get(name, "")).strip()[:_LONGEST]


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def _conditions(text: str) -> dict[str, list[str]]:
    """ "migrates: yes, no; production: yes"; a name without answers is refused by the policy."""
    found = {}
    for part in filter(str.strip, text.split(";")):
        name, _colon, wanted = part.partition(":")
        found[name.strip()] = [one.strip() for one in wanted.split(",") if one.strip()]
    return found
