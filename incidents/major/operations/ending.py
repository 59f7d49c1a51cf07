"""How it ends: resolved with its incident, taken up again with it, concluded once what is to be learnt is written."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.incident.operations.closing import require_may_close
from incidents.incident.operations.holding_changes import services_without_interest
from incidents.incident.workflow import Status as IncidentStatus
from incidents.major.models import Major
from incidents.major.operations import cadence, telling
from incidents.major.operations.deciding import demote
from incidents.major.operations.holding import SYSTEM, held, judge_times
from incidents.major.vocabulary import NoticeFate
from incidents.major.workflow import RUNNING, WORKFLOW, Status
from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted, WrongState
from itsm.notifications.sayings import saying as _


@WORKFLOW.takes("resolve")
@transaction.atomic
def resolve(
    major: Major, *, actor: Actor, resolution: str, resolution_code: str, at: datetime,
    mitigated_at: datetime | None = None, resolved_at: datetime | None = None,
) -> Major:  # fmt: skip
    """The cause is gone since `resolved_at` (now), and the incident is resolved with it: changes no longer wait.

    `mitigated_at`: as it stands, else as of the resolution. Raises NotPermitted (only who commands it says so; also for
    who has an interest in a change that waits), WrongState, MissingInformation (out of order; what the incident needs).
    """
    incident = held(major)
    with lifecycle.step(major, "resolve", actor=actor, remark=resolution) as current:
        _over(current, mitigated_at, resolved_at or at)
        judge_times(current)
    if incident.is_open:
        incidents.resolve(
            incident, actor=actor, resolution=resolution, resolution_code=resolution_code, at=current.resolved_at
        )
    telling.tell_ended(current, actor, _("resolved"), resolution)
    return current


def _over(major: Major, mitigated_at: datetime | None, resolved_at: datetime) -> None:
    major.resolved_at = resolved_at
    major.mitigated_at = mitigated_at or major.mitigated_at or resolved_at
    cadence.end(major)


@WORKFLOW.takes("reopen")
@transaction.atomic
def reopen(major: Major, *, actor: Actor, reason: str, at: datetime) -> Major:
    """It was not over; the incident is reopened with it, and changes wait again.

    Raises NotPermitted (only who commands it), WrongState (the incident is closed), MissingInformation (no reason).
    """
    incident = held(major)
    if incident.status == IncidentStatus.CLOSED:
        WORKFLOW.begin("reopen", actor, major)
        raise WrongState(
            gettext("%(reference)s is closed; open a new one that follows it.") % {"reference": incident.reference},
            state=major.status,
            available=[],
        )
    with lifecycle.step(major, "reopen", actor=actor, remark=reason) as current:
        current.reason = reason
        _running_again(current, at)
    if not incident.is_open:
        incidents.reopen(incident, actor=actor, reason=reason)
    return current


def _running_again(major: Major, at: datetime) -> None:
    major.resolved_at = major.mitigated_at = None
    cadence.begin(major, at)


@WORKFLOW.takes("conclude")
@transaction.atomic
def conclude(major: Major, *, actor: Actor) -> Major:
    """What is to be learnt of it is written, and the incident is closed with it.

    Raises NotPermitted, WrongState, and Conflict where something is missing, such as a postmortem.
    """
    incident = held(major)
    with lifecycle.step(major, "conclude", actor=actor) as current:
        require_may_close(incident)
    if incident.status == IncidentStatus.RESOLVED:
        incidents.close(incident, actor=SYSTEM)
    return current


def follow_resolved(incident: Incident, at: datetime, actor: Actor) -> None:
    """The incident was resolved by another door, by who may: so is its major incident. What was only proposed needs no
    decision any more, and no rule rests for it; unless who resolved it could not have rejected it: then it stays, and
    those who decide hear of it. Raises nothing."""
    _lapse(incident, actor)
    major = _of(incident, *RUNNING)
    if major is None:
        return
    with lifecycle.step(major, "resolve", actor=SYSTEM, remark=incident.resolution, locked_by_caller=True) as current:
        began, helped = current.started_at, current.mitigated_at
        _over(current, None, max(one for one in (incident.resolved_at or at, began, helped) if one is not None))
        judge_times(current)
    telling.tell_ended(current, SYSTEM, _("resolved"), incident.resolution)


def _lapse(incident: Incident, actor: Actor) -> None:
    major = _of(incident, Status.PROPOSED)
    if major is not None and _could_reject(incident, actor):
        why = gettext("The incident was resolved before anybody decided.")
        with lifecycle.step(major, "reject", actor=SYSTEM, remark=why, locked_by_caller=True) as current:
            current.reason = why
            due.cancel(Major.kind, current.pk, cadence.UNANSWERED_DUE)


def _could_reject(incident: Incident, actor: Actor) -> bool:
    """Whether a proposal may go by their deed: no program's, nor of who has an interest in a change that would wait."""
    try:
        services_without_interest(incident, actor, gettext("take away a proposed major incident"))
    except NotPermitted:
        return False
    return True


def what_closing_waits_for(incident: Incident) -> str | None:
    """A proposal that nobody decided about, in a sentence that says what to do; None without one. Raises nothing."""
    if not Major.objects.filter(incident=incident, status=Status.PROPOSED).exists():
        return None
    return gettext(
        "%(incident)s is proposed as a major incident, which whoever resolved it may not take away: it is closed once "
        "somebody without an interest rejects that, or reopens and accepts it."
    ) % {"incident": incident.reference}


def follow_reopened(incident: Incident, at: datetime, actor: Actor) -> None:
    """The incident was reopened by another door, such as its caller's: it is led again. Raises nothing."""
    major = _of(incident, Status.RESOLVED)
    if major is not None:
        with lifecycle.step(major, "reopen", actor=SYSTEM, remark=incident.reason, locked_by_caller=True) as current:
            current.reason = incident.reason or gettext("The incident was reopened.")
            _running_again(current, at)


def require_may_take_away(incident: Incident, actor: Actor) -> None:
    """Raise NotPermitted where who cancels or merges an incident that is proposed as a major one could not reject it:
    for programs, and people with an interest in a change that would wait; Conflict for one that owes a postmortem and
    that no second person was asked about, as no change waits for it."""
    major = None if actor.is_system else Major.objects.filter(incident=incident).first()
    if major is None:
        return
    if major.status == Status.PROPOSED:
        services_without_interest(incident, actor, gettext("take away a proposed major incident"))
    elif major.owes_a_postmortem and incident.service_id is None:
        raise Conflict(
            gettext(
                "%(reference)s is a major incident that owes a postmortem: demote it first, which a second confirms."
            )
            % {"reference": incident.reference}
        )


def follow_cancelled(incident: Incident, at: datetime, actor: Actor) -> None:
    """The incident was none, or lives on in another: nothing is led under its name any more. Raises nothing."""
    major = _of(incident, Status.PROPOSED, *RUNNING)
    if major is not None:
        why = incident.reason or gettext("The incident lives on in another one.")
        demote(major, actor=SYSTEM, reason=why, notice_fate=NoticeFate.KEEP, at=at)
        incident.refresh_from_db(fields=["major", "version"])  # who took the step goes on with it


def _of(incident: Incident, *states: str) -> Major | None:
    rows = Major.objects.select_for_update(of=("self",), no_key=True).select_related("incident")
    return rows.filter(incident=incident, status__in=states).first()
