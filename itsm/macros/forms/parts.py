"""The parts of a macro: one form an action."""

import json
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from rest_framework.exceptions import ParseError

from itsm.accounts.models import Team
from itsm.accounts.queues import visible_queues
from itsm.api.parsers import loads
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.macros.forms.choices import people_offered, written
from itsm.macros.owners import Choices

_KINDS = [
    ("", lazy("nothing")), ("field", lazy("Set a field")), ("typed", lazy("Set a field of your own")),
    ("team", lazy("Move to a queue")), ("assignee", lazy("Assign")), ("watcher", lazy("Let somebody follow it")),
    ("tasks", lazy("Add tasks")), ("note", lazy("Write a note for the team")), ("reply", lazy("Reply to the caller")),
    ("step", lazy("Take a step")),
]  # fmt: skip


class ActionForm(Form):
    """One part of a macro. Of its inputs that one is read which belongs to the kind."""

    kind = forms.ChoiceField(label=lazy("What"), choices=_KINDS, required=False)
    field = forms.ChoiceField(label=lazy("Field"), required=False)
    typed = forms.ChoiceField(label=lazy("Field"), required=False)
    typed_value = forms.CharField(label=lazy("Value"), max_length=10_000, required=False)
    team = forms.ModelChoiceField(
        label=lazy("Queue"), queryset=Team.objects.none(), to_field_name="slug", required=False
    )
    person = forms.ChoiceField(label=lazy("Person"), required=False)
    tasks = forms.CharField(
        label=lazy("Tasks, one in a line"), max_length=6200, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    mandatory = forms.BooleanField(label=lazy("They must be done before it is resolved"), required=False)
    step = forms.ChoiceField(label=lazy("Step"), required=False)
    text = forms.CharField(
        label=lazy("Text"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, choices: Choices, people: list[tuple[str, str]], queues: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = {str(place): one for place, one in enumerate(choices.steps)}
        none = ("", _("choose"))
        fields = [
            (label, [(written(name, value), f"{label}: {said}") for name, value, said in rows])
            for label, rows in choices.fields
        ]
        offered = {
            "field": [none, *fields],
            "typed": [none, *choices.typed],
            "person": [none, ("me", _("whoever applies it")), ("nobody", _("nobody")), *people],
            "step": [none, *((place, one.label) for place, one in self.steps.items())],
        }
        for name, rows in offered.items():
            self.fields[name].choices = rows  # type: ignore[attr-defined]
        self.fields["team"].queryset = queues  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        needed = {"watcher": "person", "assignee": "person", "note": "text", "reply": "text", "typed": "typed"}
        name = needed.get(said.get("kind", ""), said.get("kind", ""))
        if name and not said.get(name) and name not in self.errors:
            self.add_error(name, _("Choose or write something here."))
        return said

    def action(self) -> dict[str, Any] | None:
        """As JSON has it; None where nothing is to be done."""
        said = self.cleaned_data
        kind = said["kind"]
        match kind:
            case "field":
                name, value = json.loads(said["field"])
                return {"kind": "field", "value": {name: value}}
            case "typed":
                key = said["typed"].removeprefix("cf.")
                return {"kind": "field", "value": {"attributes": {key: _typed(said["typed_value"])}}}
            case "team":
                return {"kind": kind, "value": said["team"].slug}
            case "assignee" | "watcher":
                return {"kind": kind, "value": None if said["person"] == "nobody" else said["person"]}
            case "tasks":
                titles = [line.strip() for line in said["tasks"].splitlines() if line.strip()]
                return {"kind": kind, "value": [{"title": one, "mandatory": said["mandatory"]} for one in titles]}
            case "note" | "reply":
                return {"kind": kind, "value": said["text"]}
            case "step":
                chosen = self.steps[said["step"]]
                text = {chosen.text: said["text"]} if chosen.text and said["text"] else {}
                return {"kind": kind, "value": {"step": chosen.step, **chosen.words, **text}}
        return None

    def begins_with(self, action: Any) -> None:
        """Show an action that is kept."""
        self.initial = {**self.initial, **self._as_typed(action["kind"], action["value"])}

    def _as_typed(self, kind: str, value: Any) -> dict[str, Any]:
        match kind:
            case "field" if "attributes" in value:
                key, stands = next(iter(value["attributes"].items()), ("", ""))
                text = stands if isinstance(stands, str) else json.dumps(stands)
                return {"kind": "typed", "typed": f"cf.{key}", "typed_value": text}
            case "field":
                name, stands = next(iter(value.items()))
                return {"kind": kind, "field": written(name, stands)}
            case "assignee" | "watcher":
                return {"kind": kind, "person": value or "nobody"}
            case "tasks":
                titles = "\n".join(one["title"] for one in value)
                return {"kind": kind, "tasks": titles, "mandatory": any(one.get("mandatory") for one in value)}
            case "note" | "reply":
                return {"kind": kind, "text": value}
            case "step":
                return {"kind": kind, **self._step_typed(value)}
        return {"kind": kind, kind: value}

    def _step_typed(self, value: Any) -> dict[str, Any]:
        for place, one in self.steps.items():
            if one.step == value["step"] and all(value.get(name) == word for name, word in one.words.items()):
                return {"step": place, "text": value.get(one.text, "")}
        return {}


def _typed(text: str) -> Any:
    """What was typed of a field of one's own: numbers and yes/no as JSON has them, else the text."""
    try:
        found = loads(text.encode())
    except ParseError:
        return text
    return found if isinstance(found, bool | int | list) else text


def _one_each(action: Any) -> list[dict[str, Any]]:
    """What REST keeps as one action, as forms say it: one field each, and tasks that are all mandatory or none."""
    kind, value = action["kind"], action["value"]
    said: list[Any] = [value]
    if kind == "field":
        typed = [{"attributes": {key: stands}} for key, stands in value.get("attributes", {}).items()]
        said = [*({name: stands} for name, stands in value.items() if name != "attributes"), *typed]
    elif kind == "tasks":
        said = [list(found) for _must, found in groupby(value, key=lambda one: bool(one.get("mandatory")))]
    return [{"kind": kind, "value": one} for one in said]


def action_forms(
    actor: Actor, choices: Choices, number: int, actions: Any = (), data: Any = None
) -> list[ActionForm]:  # fmt: skip
    """`number` forms, the first ones with the actions that are kept; more, where those say more than a form each."""
    people, queues = people_offered(), visible_queues(actor)
    kept = [one for action in actions for one in _one_each(action)]
    places = range(max(number, len(kept)))
    made = [ActionForm(choices, people, queues, data, prefix=f"a{place}") for place in places]
    for form, action in zip(made, kept, strict=False):
        form.begins_with(action)
    return made
