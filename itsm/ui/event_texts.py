"""History as people say it: event -> sentence. Apps register theirs in `ready()`; a step says its own in its row."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.kernel.workflow import Workflow

# What happens to records of any kind.
_OF_ANY: dict[str, Any] = {"edited": _("changed it"), "noted": _("wrote"), "linked": _("linked it")}
_sentences: dict[str, Any] = {}


def register_event_text(event: str, sentence: Any) -> None:
    """The sentence's subject is whoever did it: "Ada" + "resolved it"."""
    _sentences[event] = sentence


def tells(kind: str, *workflows: Workflow, events: Mapping[str, Any] | None = None) -> None:
    """The words of a record type: of its steps, from their rows, and of what else happens to it (`events`)."""
    for workflow in workflows:
        for step in workflow.steps.values():
            if step.history:
                register_event_text(f"{kind}.{step.done}", step.history)
    for event, words in (events or {}).items():
        register_event_text(f"{kind}.{event}", words)


def sentence(event: str) -> str:
    """The registered words, or the event's own last word: `record.put_off` reads "put off"."""
    last = event.rpartition(".")[2]
    return str(_sentences.get(event) or _OF_ANY.get(last) or last.replace("_", " "))
