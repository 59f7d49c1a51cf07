"""A known error applied to an incident in one click: linked, and its workaround told."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import operations as incidents
from incidents.incident.operations.kinship import named, require_works_on
from incidents.incident.queries import by_reference
from incidents.problem.models import BroadcastDelivery, Problem
from incidents.problem.operations.broadcasting import has_these_words
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.kernel.references import reference
from itsm.work import linking
from itsm.work.linking import Relation


@transaction.atomic
def apply(
    problem: Problem, *, actor: Actor, incident: str, requester: bool = False, at: datetime | None = None
) -> Problem:
    """Link an incident (a reference) to a known error, and write the workaround on it: as a private note, or, where
    `requester` and the workaround is public, as a reply to the caller.

    For who works on the incident; the problem was found among what the actor may see. Raises NotPermitted,
    InvalidInput (no such incident, not for requesters), WrongState (no known error, the incident is over), Conflict
    (too many links).
    """
    number = named(actor, incident, "incident")
    found, now = by_reference(actor, reference("INC", number)), at or timezone.now()
    require_works_on(actor, found)
    if not problem.is_known:
        raise WrongState(
            gettext("%(reference)s is no known error: it has no workaround to apply.")
            % {"reference": problem.reference},
            state=problem.status,
        )
    if requester and not problem.workaround_public:
        raise InvalidInput.about("requester", gettext("Requesters may not read this workaround."))
    if not found.is_open or found.merged_into_id is not None:
        raise WrongState(gettext("%(reference)s is over.") % {"reference": found.reference}, state=found.status)
    linking.connect(found, actor=actor, to=problem.reference, relation=Relation.CAUSED_BY)
    audience = BroadcastDelivery.Audience
    if requester:
        incidents.reply(found, actor=actor, text=problem.workaround, at=now)
        has_these_words(problem, found, problem.workaround, [audience.DESK, audience.REQUESTER], now)
    else:
        text = gettext("%(problem)s says: %(text)s") % {"problem": problem.reference, "text": problem.workaround}
        incidents.note(found, actor=actor, text=text, at=now)
        has_these_words(problem, found, problem.workaround, [audience.DESK], now)
    lifecycle.announce(problem, "applied", actor=actor, changes={"incident": [None, found.reference]})
    return problem
