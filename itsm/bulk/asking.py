"""What the selection bar offers beyond one key: words, labels, a parent, the record's steps; each with its form."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _

from itsm.bulk.forms import LabelsForm, ParentForm, WordsForm
from itsm.kernel.workflow import Moment, Workflow
from itsm.ui.steps import form_of
from itsm.work import actions
from itsm.work.actions import Action

_ONE_AT_A_TIME = frozenset({"merge", "split", "confirm"})  # each asks about that one record


class Asked(NamedTuple):
    """One thing to do with all that are selected. `form` is None where nothing needs to be asked."""

    name: str
    label: str
    form: type[forms.Form] | None
    colour: str = ""

    @property
    def asks(self) -> bool:
        """For templates, which would make a form of the class to see whether it is there."""
        return self.form is not None


def offered(record_kind: str) -> list[Asked]:
    """In the order in which people meet them."""
    workflow = _workflow(record_kind)
    labels = [Asked("labels", _("Labels"), LabelsForm)] if hasattr(_model(record_kind), "labels") else []
    steps = [
        Asked(name, str(step.label), form_of(step) if step.words else None, step.colour)
        for name, step in workflow.steps.items()
        if name in workflow.operations and name not in _ONE_AT_A_TIME
    ]
    return [
        Asked("reply", _("Reply"), WordsForm),
        Asked("note", _("Note"), WordsForm),
        *labels,
        *steps,
        Asked("parent", _("Make them children of one"), ParentForm),
        Asked("watch", _("Watch them myself"), None),
    ]


def named(record_kind: str, name: str) -> Asked:
    """Raises Http404 for what is not offered."""
    for one in offered(record_kind):
        if one.name == name:
            return one
    raise Http404


def as_action(record_kind: str, name: str, said: Mapping[str, Any]) -> list[Action]:
    """The action of what was asked, with the cleaned words of its form."""
    if name in {"reply", "note"}:
        return [Action(name, said["text"])]
    if name == "labels":
        return [Action("field", {key: labels for key, labels in said.items() if labels})]
    if name == "parent":
        return [Action("parent", said["parent"].strip())]
    if name == "watch":
        return [Action("watcher", "me")]
    moments = {words.name for words in _workflow(record_kind).steps[name].words if isinstance(words, Moment)}
    words = {key: value.isoformat() if key in moments and value else value for key, value in said.items()}
    return [Action("step", {"step": name, **{key: value for key, value in words.items() if value is not None}})]


def _workflow(record_kind: str) -> Workflow:
    workflow: Workflow = _model(record_kind).workflow
    return workflow


def _model(record_kind: str) -> Any:
    return actions.known(record_kind).model
