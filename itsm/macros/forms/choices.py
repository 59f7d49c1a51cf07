"""What is offered to choose from, and how a choice is written in a form."""

import json
from typing import Any

from itsm.accounts.models import Team
from itsm.accounts.permissions import administrators
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.queues import rights_in_queues, teams_led_by
from itsm.kernel.actors import Actor

_MOST_OFFERED = 300


def led_by(actor: Actor) -> Any:
    """The teams whose macros and templates the actor keeps."""
    if administrators(actor):
        return Team.objects.standing().exclude(pk__in=rights_in_queues(actor).hidden).order_by("name")
    return Team.objects.standing().filter(pk__in=teams_led_by(actor)).order_by("name")


def written(name: str, value: Any) -> str:
    """A field and its value as one choice of a list."""
    return json.dumps([name, value])


def people_offered() -> list[tuple[str, str]]:
    """People who work here, by user name."""
    return [(one.username, str(one)) for one in assignable()[:_MOST_OFFERED]]
