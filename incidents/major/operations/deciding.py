"""Whether an incident is a major one: proposed by people and rules, accepted, rejected, demoted by those who decide.

What changes see of it is `major` of the incident, said in the same transaction. Nobody whose change is judged by it
rejects or demotes it; what holds changes is demoted once a second person confirms.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations.holding_changes import services_without_interest
from incidents.incident.operations.majors import stand_as_major
from incidents.major import permissions
from incidents.major.models import Major
from incidents.major.operations import cadence, telling
from incidents.major.operations.holding import held, judge_times, person_named, require_may_lead, require_open
from incidents.major.rules import rests
from incidents.major.vocabulary import CADENCE, UNANSWERED, NoticeFate, Severity
from incidents.major.workflow import TURNED_DOWN, WORKFLOW, Status
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.approvals.confirming import Difference
from itsm.approvals.confirming import propose as ask_second
from itsm.approvals.models import Confirmation
from itsm.clocks import due
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.notifications.sayings import saying as _

DEMOTE = "majors: demote one that holds changes"
SECOND = (Role.OWNER, Role.MANAGER)  # who decides as well
PERSON = "person"  # as a rule's name: people are bound by no rest


@transaction.atomic
def propose_incident(
    incident: Incident,
    *,
    actor: Actor,
    reason: str = "",
    rule: str = PERSON,
    count: int = 1,
    at: datetime | None = None,
) -> Major:
    """Propose that an open incident is a major one, by a person or because a rule counted as much as it waits for.

    Proposed twice it is proposed once, with both reasons. What runs already stays as it is. A rule whose proposal was
    turned down rests, unless what it counts has doubled.
    Raises NotPermitted, and WrongState where the incident is over.
    """
    at = at or timezone.now()
    current = lifecycle.locked(incident)
    if not permissions.proposers(actor, Major(incident=current)):
        raise NotPermitted(
            gettext("%(name)s may not propose a major incident here.") % {"name": actor.name},
        )
    require_open(current)
    said = {"rule": rule, "why": reason[:500], "count": count, "at": at.isoformat()}
    known = Major.objects.select_for_update(no_key=True).filter(incident=current).first()
    if known is None:
        return _first(current, said, actor, at)
    if known.status in TURNED_DOWN and not (rule != PERSON and rests(known.turned_down, rule, count, at)):
        return _again(known, said, actor, at)
    if known.status == Status.PROPOSED and rule not in {one["rule"] for one in known.because}:
        with lifecycle.edit(known, actor=actor, version=None, version_required=False, event="rule_found") as major:
            major.because = [*major.because, said]
        return major
    return known


def _first(incident: Incident, said: dict[str, object], actor: Actor, at: datetime) -> Major:
    began = min(incident.opened_at, timezone.now())
    seen = incident.acknowledged_at
    major = Major(
        incident=incident, because=[said], proposed_by_id=actor.id, proposed_at=at, started_at=began,
        detected_at=began, acknowledged_at=seen if seen is not None and began <= seen <= timezone.now() else None,
        cadence=CADENCE[Severity.MANY],
    )  # fmt: skip
    major.save(force_insert=True)
    lifecycle.created(major, actor=actor, changes={"because": [None, said["why"] or said["rule"]]}, at=at)
    _asked(major, actor, str(said["why"]), at)
    return major


def _again(known: Major, said: dict[str, object], actor: Actor, at: datetime) -> Major:
    reason = str(said["why"]) or gettext("It may be a major incident after all.")
    with lifecycle.step(known, "propose", actor=actor, remark=reason, locked_by_caller=True) as major:
        major.because, major.reason = [said], reason
        major.proposed_at, major.proposed_by_id = at, actor.id
        major.unanswered_at, major.notice_fate = None, ""
    _asked(major, actor, reason, at)
    return major


def _asked(major: Major, actor: Actor, why: str, at: datetime) -> None:
    due.schedule(cadence.UNANSWERED_DUE, Major.kind, major.pk, at + UNANSWERED)
    telling.tell_proposed(major, actor, why)


@WORKFLOW.takes("propose")
@transaction.atomic
def propose(major: Major, *, actor: Actor, reason: str, at: datetime | None = None) -> Major:
    """Propose again what was turned down. Raises NotPermitted, WrongState, MissingInformation (no reason)."""
    WORKFLOW.begin("propose", actor, major)
    if is_blank(reason):
        raise MissingInformation(gettext("Give a reason."), missing=[gettext("Give a reason.")])
    return propose_incident(held(major), actor=actor, reason=reason, at=at)


@WORKFLOW.takes("accept")
@transaction.atomic
def accept(
    major: Major, *, actor: Actor, severity: str | int, commander: str = "", impact: str = "", at: datetime
) -> Major:
    """It is one: `commander` (a user name; else the actor) leads, and changes of its service wait from now on.

    Raises NotPermitted, WrongState, InvalidInput (no such severity or person, who may not work in its queue), Conflict
    (who has left), MissingInformation.
    """
    incident = held(major)
    with lifecycle.step(major, "accept", actor=actor) as current:
        require_open(incident)
        current.severity = current.gravest = severity_said(severity)
        leads = _commander(commander, incident, actor)
        current.commander_id = leads.pk
        current.impact = impact or current.impact
        current.accepted_at, current.decided_by_id = at, actor.id
        current.cadence = CADENCE[Severity(current.severity)]
        if current.acknowledged_at is None and current.detected_at is not None:
            current.acknowledged_at = max(incident.acknowledged_at or at, current.detected_at)
        judge_times(current)
        due.cancel(Major.kind, current.pk, cadence.UNANSWERED_DUE)
        cadence.begin(current, at)
    current.incident = stand_as_major(incident, is_major=True, actor=actor)
    telling.tell_accepted(current, actor)
    if leads.pk != actor.id:
        telling.tell_appointed(current, actor, leads.pk, _("commander"))
    return current


def _commander(name: str, incident: Incident, actor: Actor) -> User:
    if not is_blank(name):
        return person_named(name, incident, "commander")
    oneself = User.objects.filter(pk=actor.account_id).first() if actor.is_human else None
    if oneself is None:
        raise InvalidInput.about("commander", gettext("Name who commands it."))
    require_may_lead([oneself], incident, "commander")
    return oneself


def severity_said(severity: str | int) -> int:
    """1 to 4. Raises InvalidInput."""
    try:
        return Severity(int(severity)).value
    except ValueError as error:
        raise InvalidInput.about("severity", gettext("Severity is 1, 2, 3 or 4.")) from error


@WORKFLOW.takes("reject")
@transaction.atomic
def reject(major: Major, *, actor: Actor, reason: str, at: datetime | None = None) -> Major:
    """It is none; the rules that proposed it rest, unless what they count doubles.

    Raises NotPermitted (also for who has an interest in a change that would wait), WrongState, MissingInformation.
    """
    incident = held(major)
    WORKFLOW.begin("reject", actor, major)
    services_without_interest(incident, actor, gettext("reject a major incident that would hold changes"))
    with lifecycle.step(major, "reject", actor=actor, remark=reason) as current:
        _turned_down(current, actor, reason, at or timezone.now())
    return current


def _turned_down(major: Major, actor: Actor, reason: str, at: datetime) -> None:
    major.reason, major.decided_by_id = reason, actor.id
    major.turned_down = {
        **major.turned_down,
        **{one["rule"]: [at.isoformat(), one["count"]] for one in major.because if one["rule"] != PERSON},
    }
    major.next_update_at = None
    due.cancel(Major.kind, major.pk, cadence.UNANSWERED_DUE, *cadence.LATE)


@WORKFLOW.takes("demote")
@transaction.atomic
def demote(
    major: Major, *, actor: Actor, reason: str, notice_fate: str, seconded: Confirmation | None = None,
    at: datetime | None = None,
) -> Major:  # fmt: skip
    """It is no major incident (any more); changes of its service no longer wait for it. `notice_fate`: what becomes of
    its public notice.

    Where it holds changes, or owes a postmortem, a second person confirms that first: until then nothing changes, and
    the answer `awaits` it.
    Raises NotPermitted (also for who has an interest in a change that waits), WrongState, MissingInformation.
    """
    incident = held(major)
    WORKFLOW.begin("demote", actor, major)
    complete = not is_blank(reason) and notice_fate in NoticeFate.values  # else it is refused below
    if complete and seconded is None and not actor.is_system:
        if incident.major and (incident.holds_changes or major.owes_a_postmortem):
            major.awaits = _proposed_demotion(major, incident, actor, reason, notice_fate)
            return major
        services_without_interest(incident, actor, gettext("demote a major incident"))
    with lifecycle.step(major, "demote", actor=actor, remark=reason) as current:
        current.notice_fate = notice_fate
        _turned_down(current, actor, reason, at or timezone.now())
    if incident.major:
        current.incident = stand_as_major(incident, is_major=False, actor=actor)
        telling.tell_ended(current, actor, _("demoted"), reason)
    return current


def _proposed_demotion(major: Major, incident: Incident, actor: Actor, reason: str, fate: str) -> Confirmation:
    waits, free = gettext("wait for it"), gettext("no longer wait for it")
    return ask_second(
        incident,
        actor=actor,
        at=timezone.now(),
        action=DEMOTE,
        subject=(
            gettext("Demote %(reference)s, a major incident that holds changes")
            if incident.holds_changes
            else gettext("Demote %(reference)s, a major incident that owes a postmortem")
        )
        % {"reference": major.reference},
        payload={"reason": reason, "notice_fate": fate},
        differences=[
            Difference(gettext("Major incident"), major.get_status_display(), str(Status.DEMOTED.label)),
            *(
                [Difference(gettext("Changes of its service"), waits, waits if incident.priority == 1 else free)]
                if incident.holds_changes
                else []
            ),
            Difference(gettext("Public notice"), "", str(NoticeFate(fate).label)),
        ],
        services=services_without_interest(incident, actor, gettext("demote a major incident that holds changes")),
        roles=SECOND,
        reason=reason,
    )  # fmt: skip


def demote_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The demotion that a second person confirmed. Raises WrongState where it moved on meanwhile."""
    major = Major.objects.select_related("incident").get(incident=confirmation.record_id)
    held(major)
    current = lifecycle.locked(major)
    demote(current, actor=actor, seconded=confirmation, at=at, **confirmation.payload)
