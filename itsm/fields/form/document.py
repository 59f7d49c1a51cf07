"""A form: one JSON document, of sections with questions. It belongs to a version of what is asked for, and stays.

Each question holds a `kinds.Definition`: types, rules, shapes and options are those of every typed field.

    {"sections": [{"key": "where", "title": "Where", "help": "", "show_when": null, "questions": [
        {"key": "zone", "label": "Zone", "help": "", "type": "choice", "rules": {}, "required": true,
         "options": [{"key": "dmz", "label": "DMZ", "surcharge": 1500}], "default": "dmz", "from_person": "",
         "show_when": {"all": [{"field": "environment", "op": "is", "value": "production"}]},
         "audience": "public"}]}]}
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from itsm.fields.form.conditions import Group, as_json
from itsm.fields.kinds import Definition
from itsm.kernel.errors import InvalidInput

MAX_QUESTIONS, MAX_SECTIONS, MAX_OPTIONS = 64, 20, 100
MAX_TITLE, MAX_LABEL, MAX_HELP = 80, 200, 1_000
PUBLIC, STAFF, CONFIDENTIAL = "public", "staff", "confidential"
# Who reads an answer: `public` whoever sees the request, `confidential` who asked, who approves and who fulfils.
# A `staff` question is asked of those who work here alone: nobody else is shown it, or may answer it.
AUDIENCES = (PUBLIC, STAFF, CONFIDENTIAL)
FROM_PERSON = ("name", "email", "team", "location", "manager")


class FormRefused(InvalidInput):
    """A document says what cannot be. `paths`: path (sections.0.questions.2.label) -> sentences; `errors`: the same as
    a tree, below the names in `root` where it is part of something."""

    def __init__(self, detail: str, paths: Mapping[str, Sequence[str]], root: str = "") -> None:
        first = next((f"{path}: {said[0]}" if path else said[0] for path, said in paths.items()), "")
        super().__init__(f"{detail} {first}".strip())
        self.paths = {f"{root}.{path}".strip("."): list(said) for path, said in paths.items()}
        tree: Any = {}
        for path, said in self.paths.items():
            place = tree
            for name in path.split("."):
                place = place.setdefault(name, {})
            place["non_field_errors"] = said
        self.errors = tree
        self.said = detail

    def within(self, root: str) -> "FormRefused":
        """The same, of the part of this name."""
        return FormRefused(self.said, self.paths, root)


@dataclass(frozen=True, slots=True)
class Question:
    """`default`: as JSON would send it, None where there is none; `from_person` names a default that comes from the
    person it is asked for, and goes before it. `surcharges`: key of an option -> minor units, where not nothing."""

    definition: Definition
    help: str = ""
    required: bool = False
    default: Any = None
    from_person: str = ""
    show_when: Group | None = None
    audience: str = PUBLIC
    surcharges: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def label(self) -> str:
        return self.definition.label


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    help: str = ""
    show_when: Group | None = None
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """`parse_form` makes one of a document, `to_json` a document of one: the same again."""

    sections: tuple[Section, ...] = ()

    @property
    def questions(self) -> Iterator[Question]:
        """All, in the order in which they are asked."""
        return (question for section in self.sections for question in section.questions)

    @property
    def definitions(self) -> dict[str, Definition]:
        """Key -> the field as its answers are held to it."""
        return {one.key: one.definition for one in self.questions}

    def question(self, key: str) -> Question | None:
        """The question of this key; None where there is none."""
        return next((one for one in self.questions if one.key == key), None)

    def to_json(self) -> dict[str, Any]:
        """As it is kept and sent."""
        return {"sections": [_section(one) for one in self.sections]}


def _section(one: Section) -> dict[str, Any]:
    return {
        "key": one.key,
        "title": one.title,
        "help": one.help,
        "show_when": as_json(one.show_when),
        "questions": [_question(question) for question in one.questions],
    }


def _question(one: Question) -> dict[str, Any]:
    options = [
        {"key": option.key, "label": option.label, "surcharge": one.surcharges.get(option.key, 0)}
        for option in one.definition.options
    ]
    return {
        "key": one.key,
        "label": one.label,
        "help": one.help,
        "type": str(one.definition.type),
        "rules": dict(one.definition.rules),
        "options": options,
        "required": one.required,
        "default": one.default,
        "from_person": one.from_person,
        "show_when": as_json(one.show_when),
        "audience": one.audience,
    }
