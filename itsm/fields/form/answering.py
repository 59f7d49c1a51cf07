"""Answers to a form, judged anew whenever they are sent: what is shown, what is kept, what is wrong.

Pure: names of records are looked up by the caller. A question that is not shown is neither required nor kept, has no
default, and is empty for every later condition; so is all in a section that is not shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from itsm.api.nearest import did_you_mean
from itsm.fields.form.comparable import Comparable, comparable, from_page
from itsm.fields.form.conditions import met
from itsm.fields.form.document import STAFF, Form, Question, Section
from itsm.fields.kinds import LookUp, Moment, parse


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is for, as far as their answers begin with it: texts, `team` a slug, `manager` a username; "" where
    there is none."""

    name: str = ""
    email: str = ""
    team: str = ""
    location: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """`answers`: key -> value as typed fields keep it, of what is shown and was answered. `dropped`: keys that were
    sent with something in them, and are not shown. `errors`: key -> sentences. `surcharge`: of the options that were
    chosen, in minor units. `shown`: keys of the questions that are."""

    answers: dict[str, Any] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    errors: dict[str, list[str]] = field(default_factory=dict)
    surcharge: int = 0
    shown: tuple[str, ...] = ()


@dataclass(slots=True)
class _Pass:
    raw: Mapping[str, Any]
    person: Person | None
    staff: bool
    read: dict[str, Comparable] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)


def answered(
    form: Form,
    raw: Mapping[str, Any],
    *,
    look_up: LookUp,
    moment: Moment,
    person: Person | None,
    staff: bool = False,
) -> Answered:
    """`raw`: key -> answer as JSON has it. A key that is missing has its default, one that is empty has none.

    `staff`: whether who answers works here; to others a question of staff does not exist. Raises nothing.
    """
    answers: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    surcharge = 0
    state = _Pass(raw, person, staff)
    for question in _shown_in(form, state):
        try:
            value = parse(question.definition, _said(question, state), at=moment, look_up=look_up)
        except ValueError as error:
            errors[question.key] = [str(error)]
            continue
        if value is not None:
            answers[question.key] = value
            surcharge += _surcharge(question, value)
        elif question.required:
            errors[question.key] = [_("Answer this: %(label)s") % {"label": question.label}]
    dropped = _dropped(form, state, errors)
    return Answered(answers, dropped, errors, surcharge, tuple(state.shown))


def shown(form: Form, raw: Mapping[str, Any], *, person: Person | None = None, staff: bool = False) -> tuple[str, ...]:
    """Keys of the questions that are shown with these answers, and of their sections before them: as the page draws
    it. Raises nothing."""
    state = _Pass(raw, person, staff)
    for _question in _shown_in(form, state):
        pass
    return tuple(state.shown)


def begun(form: Form, person: Person | None) -> dict[str, Any]:
    """Key -> what each question begins with, as JSON would send it."""
    found = {one.key: _beginning(one, person) for one in form.questions}
    return {key: value for key, value in found.items() if value is not None}


def sent_by_page(form: Form, lists: Mapping[str, list[str]], *, prefix: str) -> dict[str, Any]:
    """What a page sent, key -> answer as JSON has it: of inputs named by prefix and key. A question whose inputs
    were not sent, since they are not shown, is missing; boxes of which none is ticked say so by an empty one."""
    keys = {one.key: one.definition for one in form.questions}
    found: dict[str, Any] = {}
    for name, values in lists.items():
        if name.startswith(prefix):
            key = name.removeprefix(prefix)
            found[key] = from_page(keys[key], values) if key in keys else values[-1:]
    return found


def _shown_in(form: Form, state: _Pass) -> Iterator[Question]:
    definitions = form.definitions
    for section in form.sections:
        if not met(section.show_when, state.read, definitions):
            continue
        for question in _asked(section, state.staff):
            if met(question.show_when, state.read, definitions):
                state.read[question.key] = comparable(question.definition, _said(question, state))
                state.shown.append(question.key)
                yield question


def _asked(section: Section, staff: bool) -> Iterator[Question]:
    return (one for one in section.questions if staff or one.audience != STAFF)


def _said(question: Question, state: _Pass) -> Any:
    if question.key in state.raw:
        return state.raw[question.key]
    return _beginning(question, state.person)


def _beginning(question: Question, person: Person | None) -> Any:
    given = getattr(person, question.from_person, "") if person is not None and question.from_person else ""
    return given or question.default


def _surcharge(question: Question, value: Any) -> int:
    chosen = value if isinstance(value, list) else [value]
    return sum(question.surcharges.get(one, 0) for one in chosen if isinstance(one, str))


def _dropped(form: Form, state: _Pass, errors: dict[str, list[str]]) -> tuple[str, ...]:
    """Keys of what was sent and is not shown; of what is asked of nobody here an error is added."""
    asked = [one.key for section in form.sections for one in _asked(section, state.staff)]
    known, seen = set(asked), set(state.shown)
    for key in state.raw:
        if key not in known:
            name = str(key)[:40]
            errors[name] = [_("There is no question %(name)s.") % {"name": name} + did_you_mean(name, asked)]
    return tuple(key for key in asked if key in state.raw and key not in seen and state.raw[key] not in (None, "", []))
