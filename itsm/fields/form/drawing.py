"""A form as a page draws it: every question, those that are not shown too, since a browser shows them at once.

What is asked of staff is not there for others: neither its words nor that it exists leave the server.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from itsm.fields import kinds
from itsm.fields.form.answering import Person, begun, shown
from itsm.fields.form.conditions import Group, as_json
from itsm.fields.form.document import Form, Question, Section
from itsm.fields.form.for_others import for_others

PREFIX = "answers."
_LOCAL = "%Y-%m-%dT%H:%M"
Offered = Callable[[kinds.Definition], list[tuple[str, str]]]  # what a question that points to records may be answered
_INPUTS = {
    "text": "text", "long": "long", "whole": "whole", "decimal": "decimal", "yes_no": "select", "choice": "select",
    "choices": "boxes", "date": "date", "instant": "instant", "person": "select", "team": "select",
    "service": "select", "ci": "ci", "link": "link",
    "file": "file",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """`surcharge` in minor units, 0 where there is none."""

    value: str
    label: str
    chosen: bool
    surcharge: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question. `input`: which of the inputs of `partials/question.html` it has; `shown`: whether it is, with
    the answers that stand; `show_when`: its condition as JSON, "" where it has none; `sent`: the name of the file that
    stands as its answer."""

    question: Question
    name: str
    id: str
    input: str
    value: str
    choices: tuple[Choice, ...]
    shown: bool
    show_when: str
    errors: Sequence[str]
    longest: int
    sent: str = ""

    @property
    def attributes(self) -> SafeString:
        """What its input says of itself in HTML: drawn here, since a form has dozens of them."""
        words = format_html('id="{}" name="{}"', self.id, self.name)
        if self.question.required and not self.sent:
            words += SafeString(" required")
        if self.errors:
            words += SafeString(' aria-invalid="true"')
        if self.described_by:
            words += format_html(' aria-describedby="{}"', self.described_by)
        return words if self.shown else words + SafeString(" disabled")

    @property
    def described_by(self) -> str:
        """Ids of its help and its errors, for its input."""
        parts = [("help", self.question.help), ("wrong", self.errors)]
        return " ".join(f"{self.id}-{name}" for name, is_there in parts if is_there)


@dataclass(frozen=True, slots=True)
class DrawnSection:
    section: Section
    questions: tuple[Drawn, ...]
    shown: bool
    show_when: str


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """`errors`: sentences about the whole, and about what is no question of it."""

    sections: tuple[DrawnSection, ...]
    errors: tuple[str, ...] = ()

    @property
    def has_questions(self) -> bool:
        return any(one.questions for one in self.sections)

    @property
    def has_files(self) -> bool:
        """Whether a file is asked for: then the page sends it as multipart."""
        return any(one.input == "file" for section in self.sections for one in section.questions)


def drawn(
    form: Form,
    *,
    raw: Mapping[str, Any] | None,
    person: Person | None,
    offered: Offered,
    errors: Mapping[str, Sequence[str]] | None = None,
    staff: bool = False,
    prefix: str = PREFIX,
    files: Mapping[str, str] | None = None,
) -> DrawnForm:
    """`raw`: what was sent, as JSON has it; None at first display, when questions begin with their defaults.

    `files`: names of the files that were sent, by key. Asks nothing but `offered`, once for each type and its rules.
    Raises nothing.
    """
    if not staff:
        form = for_others(form)
    stands = begun(form, person)
    stands.update(raw or {})  # what was sent stands; a question that was hidden begins with its default
    seen = set(shown(form, raw if raw is not None else stands, person=person, staff=staff))
    said = dict(errors or {})
    sent, lists = files or {}, dict[str, list[tuple[str, str]]]()

    def choices_of(defined: kinds.Definition) -> list[tuple[str, str]]:
        key = f"{defined.type} {json.dumps(dict(defined.rules), sort_keys=True)}"
        if key not in lists:
            lists[key] = offered(defined)
        return lists[key]

    sections = tuple(
        DrawnSection(
            section,
            tuple(
                _question(one, prefix, stands.get(one.key), one.key in seen, said.pop(one.key, ()), choices_of, sent)
                for one in section.questions
            ),
            any(one.key in seen for one in section.questions),
            _condition(section.show_when),
        )
        for section in form.sections
    )
    about_all = tuple(sentence for sentences in said.values() for sentence in sentences)
    return DrawnForm(tuple(one for one in sections if one.questions), about_all)


def _condition(condition: Group | None) -> str:
    return "" if condition is None else json.dumps(as_json(condition))


def _question(
    one: Question,
    prefix: str,
    raw: Any,
    is_shown: bool,
    errors: Sequence[str],
    offered: Offered,
    files: Mapping[str, str],
) -> Drawn:
    defined = one.definition
    value = _as_typed(defined, raw)
    choices = tuple(_choices(one, raw, value, offered)) if _INPUTS[defined.type] in ("select", "boxes") else ()
    longest = min(defined.rules.get("max_length", kinds.LONGEST.get(defined.type, 500)), 10_000)
    name = f"{prefix}{one.key}"
    return Drawn(
        one, name, f"q-{name.replace('.', '-')}", _INPUTS[defined.type], value, choices, is_shown,
        _condition(one.show_when), errors, longest, files.get(value, "") if defined.type == "file" else "",
    )  # fmt: skip


def _as_typed(defined: kinds.Definition, raw: Any) -> str:
    """An answer as its input holds it; of what does not fit, what was typed."""
    if raw is None or isinstance(raw, list | dict):
        return ""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if defined.type == "instant" and (moment := kinds.instant_in(raw)) is not None:
        return timezone.localtime(moment).strftime(_LOCAL)
    return str(raw)


def _choices(one: Question, raw: Any, value: str, offered: Offered) -> list[Choice]:
    defined = one.definition
    if defined.options:
        chosen = raw if isinstance(raw, list) else [raw]
        return [
            Choice(option.key, option.label, option.key in chosen, one.surcharges.get(option.key, 0))
            for option in defined.options
            if not option.retired
        ]
    if defined.type == "yes_no":
        return [Choice("yes", _("yes"), value == "yes"), Choice("no", _("no"), value == "no")]
    pairs = offered(defined)
    return [Choice(key, label, key == value) for key, label in pairs]
