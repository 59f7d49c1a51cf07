"""Whether an incident is a major one is decided above, with a severity and a commander: what is said here is handed up.

`incidents.major` registers who takes a proposal, and says by `stand_as_major` what was decided.
"""

from typing import Protocol

from django.utils.translation import gettext

from incidents.incident.models import Incident
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput


class Propose(Protocol):
    """Takes the proposal that an incident is a major one, in the caller's transaction."""

    def __call__(self, incident: Incident, *, actor: Actor) -> object: ...


_taken_by: list[Propose] = []


def proposals_are_taken_by(propose: Propose) -> None:
    """Called once, in `ready()` of what decides."""
    _taken_by[:] = [propose]


def propose_as_major(incident: Incident, *, actor: Actor) -> None:
    """Somebody who responds says that it is a major one: a manager, owner or the duty manager decides.

    Raises what the taker raises: NotPermitted, WrongState (it is over).
    """
    for propose in _taken_by:
        propose(incident, actor=actor)


def refuse_demotion(incident: Incident, major: bool | None) -> None:
    """Raise InvalidInput where an edit says that a major one is none: that takes a reason, and who decides."""
    if incident.major and major is False:
        raise InvalidInput.about(
            "major",
            gettext("%(reference)s is a major incident; demote it there, with a reason: /majors/%(reference)s/.")
            % {"reference": incident.reference},
        )


def stand_as_major(incident: Incident, *, is_major: bool, actor: Actor) -> Incident:
    """What was decided above, noted on the incident in the caller's transaction: changes of its service wait for it
    from now on, or no longer. Who may say so is judged by who calls. Raises nothing."""
    with lifecycle.edit(incident, actor=actor, version=None, version_required=False) as current:
        current.major = is_major
    return current
