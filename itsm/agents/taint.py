"""Who has read words of strangers writes nothing outward within the hour, unless the owner allows it per capability."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from pydantic import BaseModel

from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Quoted
from itsm.agents.models import Agent
from itsm.agents.tools import Tool
from itsm.kernel.errors import NotPermitted

HOLDS_FOR = timedelta(hours=1)
_NOTED_EACH = timedelta(minutes=1)  # not a write for every call


class ReadOutside(NotPermitted):
    code, title = "read-outside", "It has read words of strangers"


def note(call: Call, answer: Answer) -> None:
    """Keep that the agent was given words of strangers, if it was, in the caller's transaction. Raises nothing."""
    if not holds_words_of_strangers(answer):
        return
    due = Q(read_outside_at=None) | Q(read_outside_at__lt=call.at - _NOTED_EACH)
    Agent.objects.filter(due, pk=call.agent.pk).update(read_outside_at=call.at)


def require_clean(call: Call, tool: Tool) -> None:
    """Raises ReadOutside where the tool writes outward and the agent has read words of strangers within the hour."""
    if not tool.writes_outward or tool.capability in call.agent.outward_after_reading:
        return
    read_at = Agent.objects.values_list("read_outside_at", flat=True).get(pk=call.agent.pk)
    if read_at is not None and call.at < read_at + HOLDS_FOR + _NOTED_EACH:
        raise ReadOutside(
            gettext(
                "You have read words of strangers within the hour, so this waits until %(until)s, or your owner allows"
                " it on your page (%(page)s)."
            )
            % {"until": f"{read_at + HOLDS_FOR + _NOTED_EACH:%H:%M} UTC", "page": call.agent.get_absolute_url()}
        )


def holds_words_of_strangers(value: Any) -> bool:
    """Whether a quotation stands anywhere in it."""
    match value:
        case Quoted():
            return True
        case BaseModel():
            return any(holds_words_of_strangers(getattr(value, name)) for name in type(value).model_fields)
        case dict():
            return any(map(holds_words_of_strangers, value.values()))
        case list() | tuple():
            return any(map(holds_words_of_strangers, value))
    return False
