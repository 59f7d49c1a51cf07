"""A reply to the caller, as a draft: a person reads it in the composer, and sends it as their own words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from pydantic import Field

from incidents.incident.models import Incident
from incidents.proposed.fields import is_over
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.kernel.texts import is_blank
from itsm.proposals.kinds import Body, Draft, Written


class ReplyProposed(Body):
    """What the caller would be told."""

    text: str = Field(max_length=10_000)


def drafts(incident: Incident, body: ReplyProposed, eyes: Actor) -> list[Draft]:
    """One part, the text. Raises InvalidInput (nothing to read, nobody to tell it)."""
    if is_blank(body.text):
        raise InvalidInput.about("text", gettext("Nothing in it can be read."))
    if incident.caller_id is None:
        raise InvalidInput(gettext("%(reference)s has no caller to reply to.") % {"reference": incident.reference})
    return [Draft("text", gettext("Reply"), body.text, body.text)]


def overtaken(incident: Incident, part: Any) -> str:
    """Whether somebody spoke since: the draft does not know it."""
    if (over := is_over(incident)) != "":
        return over
    since = part.proposal.at
    if incident.caller_spoke_at is not None and incident.caller_spoke_at > since:
        return gettext("The caller wrote since this was drafted.")
    if incident.agent_spoke_at is not None and incident.agent_spoke_at > since:
        return gettext("Somebody replied since this was drafted.")
    return ""


def write(incident: Incident, values: Mapping[str, Any], actor: Actor, at: datetime) -> Written:
    """Nothing is sent by accepting. Raises WrongState always."""
    raise WrongState(gettext("A person sends a reply."), state="waiting", available=[])
