"""Work that needs more: specialists of a higher tier (functional), or whoever leads the queue (hierarchical)."""

from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations import placing
from incidents.incident.operations.telling import tell_desk, tell_leads
from incidents.incident.workflow import WORKFLOW
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation
from itsm.kernel.texts import is_blank
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _


@WORKFLOW.takes("escalate")
def escalate(incident: Incident, *, actor: Actor, to: str = "", words: str = "") -> Incident:
    """To a queue of a higher tier (`to`: its slug), which hears the words; without one to who leads its own queue.

    Each counts once. Raises WrongState, NotPermitted (out of a confidential queue by who may not assign there),
    MissingInformation (neither), InvalidInput (no such queue, no higher tier), Conflict (nobody leads it).
    """
    with lifecycle.step(incident, "escalate", actor=actor, remark=words) as current:
        if not is_blank(to):
            _to_specialists(current, _queue(to, actor), actor)
            tell_desk(current, actor, "incident.escalated", _subject(current), words)
        elif is_blank(words):
            raise MissingInformation(
                gettext("Name a queue of a higher tier, or say to its lead what it needs."),
                missing=[gettext("a queue of a higher tier, or words for its lead")],
            )
        else:
            current.escalated_hierarchically += 1
            if not tell_leads(current, actor, "incident.escalated", _subject(current), words):
                raise Conflict(
                    gettext("Nobody else leads %(team)s; name a queue instead.") % {"team": current.team.name}
                )
    return current


def _queue(slug: str, actor: Actor) -> Team:
    team = Team.objects.queues().filter(slug=slug.strip().lower()[:64]).first()
    rights = rights_in_queues(actor)
    if team is None or not (rights.sees(team.pk) or rights.may_create(team.pk)):
        raise InvalidInput.about("to", gettext("There is no such queue."))
    return team


def _to_specialists(incident: Incident, team: Team, actor: Actor) -> None:
    if team.tier <= incident.team.tier:
        words = gettext("%(team)s is of no higher tier than %(own)s; move it there instead.") % {
            "team": team.name,
            "own": incident.team.name,
        }
        raise InvalidInput.about("to", words)
    placing.require_queue(actor, team)
    if incident.team.confidential:
        placing.require_assigns(actor, incident.team)
    if incident.assigned_to is not None and not placing.works_in(incident.assigned_to, team):
        incident.assigned_to = None
    incident.team = team
    incident.escalated_functionally += 1
    incident.reassigned += 1


def _subject(incident: Incident) -> Words:
    return _("%(incident)s was escalated: %(title)s") % {
        "incident": incident.reference,
        "title": incident.title,
    }
