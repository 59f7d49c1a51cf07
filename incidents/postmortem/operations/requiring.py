"""What requires a postmortem, and what may not be closed without one."""

from decimal import Decimal

from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from incidents.major.queries import of_incident
from incidents.postmortem.models import Postmortem
from incidents.postmortem.operations.opening import require
from incidents.postmortem.vocabulary import Requirement
from incidents.problem.queries import problems_of
from itsm.configuration.known import POSTMORTEM_BUDGET_PERCENT
from itsm.configuration.reading import held
from itsm.kernel.actors import Actor

SYSTEM = Actor.system("postmortems")


def require_as_resolved(incident: Incident) -> None:
    """It is resolved, or found to be graver than it was: is a postmortem required of it? Raises nothing."""
    if why := why_grave(incident):
        require(incident, Requirement.SEVERITY, actor=SYSTEM, why=why)
    if incident.data_loss:
        require(incident, Requirement.DATA_LOSS, actor=SYSTEM)


def why_grave(incident: Incident) -> str:
    """Why it is so grave that a postmortem is written: the severity of its major incident, 1 or 2, also if whoever
    leads it says less by now; where nobody decided whether it is one, its priority. "" where it is not. One query.
    Raises nothing."""
    major = of_incident(incident.pk, SYSTEM)
    if major is not None and major.is_accepted:
        return str(major.get_gravest_display()) if major.owes_a_postmortem else ""
    if major is not None and major.decided_by_id is not None:  # turned down, with a reason
        return ""
    return str(incident.get_priority_display()) if incident.priority == Priority.CRITICAL else ""


def require_for_outage(incident_number: int, share: Decimal, why: str) -> Postmortem | None:
    """An outage that is this incident's cost `share` of an error budget: required from the policy's share on.

    None where it is less, or there is no such incident. Called by who measures. Raises nothing.
    """
    if share * 100 < held(POSTMORTEM_BUDGET_PERCENT):
        return None
    incident = Incident.objects.filter(pk=incident_number).first()
    return require(incident, Requirement.BUDGET, actor=SYSTEM, why=why) if incident is not None else None


def require_for_rollback(incident_number: int, why: str) -> Postmortem | None:
    """An emergency change for this incident was rolled back. Called by who knows changes. Raises nothing."""
    incident = Incident.objects.filter(pk=incident_number).first()
    return require(incident, Requirement.ROLLED_BACK, actor=SYSTEM, why=why) if incident is not None else None


def what_closing_waits_for(incident: Incident) -> str | None:
    """Of what is so grave, or was as it was resolved: a published postmortem or a waiver; its own, or that
    of a problem that caused it, published after it began: what was learnt before says nothing of it.

    A sentence that says what to do; None where nothing is missing. Raises nothing.
    """
    own = Postmortem.objects.filter(incident=incident).first()
    if not why_grave(incident) and (own is None or not own.is_required_for(Requirement.SEVERITY)):
        return None
    if own is not None and own.is_settled:
        return None
    causes = problems_of(incident, SYSTEM).values("pk")
    if Postmortem.objects.filter(problem__in=causes, published__gt=0, published_at__gte=incident.opened_at).exists():
        return None
    named = own.reference if own is not None else gettext("a postmortem")
    return gettext(
        "%(incident)s is closed once its postmortem is published or waived: write %(postmortem)s and let another "
        "person publish it, or ask for a waiver with a reason."
    ) % {"incident": incident.reference, "postmortem": named}
