"""The policy's questionnaire as a form: only what is asked with the answers that are there."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.environments.queries import UnknownEnvironment, canonical, is_production
from changes.change.vocabulary import ChangeClass
from changes.gate.questionnaire import Questionnaire
from itsm.forms import Form

PREFIX = "answer_"


class QuestionsForm(Form):
    """A field for each question that is asked. None is required: what stays open leads to people, and says so."""

    def __init__(self, asks: Questionnaire | None, said: Mapping[str, str], *, in_production: bool) -> None:
        self._asked = asks.asked(said, in_production=in_production) if asks is not None else ()
        super().__init__({f"{PREFIX}{name}": answer for name, answer in said.items()})
        for one in self._asked:
            self.fields[f"{PREFIX}{one.name}"] = forms.ChoiceField(
                label=one.text,
                required=False,
                choices=[(answer.name, answer.text) for answer in one.answers],
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _("Choose one of these answers.")},
            )

    def answers(self) -> dict[str, str]:
        """What was answered of what is asked; what is no longer asked is left out."""
        return {one.name: said for one in self._asked if (said := self.cleaned_data.get(f"{PREFIX}{one.name}"))}


def said_in(sent: Mapping[str, Any]) -> dict[str, str]:
    """The answers among the fields that a browser sent, at most 200 characters each."""
    return {name.removeprefix(PREFIX): str(sent[name])[:200] for name in sent if name.startswith(PREFIX)}


def questions_for(asks: Questionnaire | None, sent: Mapping[str, Any]) -> QuestionsForm:
    """What is asked about a change that is being written; nothing of a standard one, whose model answers."""
    standard = sent.get("change_class") == ChangeClass.STANDARD
    return QuestionsForm(None if standard else asks, said_in(sent), in_production=_in_production(sent))


def _in_production(sent: Mapping[str, Any]) -> bool:
    """What the register does not know is asked about as production."""
    try:
        return is_production(canonical(str(sent.get("environment") or "")))
    except UnknownEnvironment:
        return True
