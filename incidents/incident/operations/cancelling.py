"""An incident that was none; of one that holds changes a second person confirms it first."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations.holding_changes import SECOND_ROLES, services_without_interest
from incidents.incident.operations.steps import HOLD_ENDS
from incidents.incident.operations.telling import tell_caller
from incidents.incident.workflow import WORKFLOW, Status
from itsm import lifecycle
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.texts import is_blank
from itsm.notifications.sayings import saying as _

CANCEL = "incidents: cancel one that holds changes"


@WORKFLOW.takes("cancel")
def cancel(
    incident: Incident, *, actor: Actor, cancel_code: str, reason: str, seconded: Confirmation | None = None
) -> Incident:
    """It was none. One that holds changes is cancelled by people without an interest, once a second one confirms.

    Raises WrongState, NotPermitted, and MissingInformation without a reason.
    """
    with transaction.atomic():
        held = lifecycle.locked(incident)
        if held.holds_changes and seconded is None and not actor.is_system:
            WORKFLOW.begin("cancel", actor, held)
            if not is_blank(reason):  # without one it is refused below
                held.awaits = _proposed_cancelling(held, actor, cancel_code, reason)
                return held
        with lifecycle.step(incident, "cancel", actor=actor, remark=reason) as current:
            _let_go(current)
            current.cancel_code, current.reason = cancel_code, reason
            tell_caller(
                current,
                actor,
                "incident.cancelled",
                _("%(incident)s is cancelled: %(title)s") % {"incident": current.reference, "title": current.title},
                reason,
            )
    return current


def cancel_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The cancelling that a second person confirmed. Raises WrongState and NotPermitted."""
    incident = Incident.objects.get(pk=confirmation.record_id)
    kept = confirmation.payload
    cancel(incident, actor=actor, cancel_code=kept["cancel_code"], reason=kept["reason"], seconded=confirmation)


def _let_go(incident: Incident) -> None:
    incident.hold_reason, incident.hold_until = "", None
    due.cancel(incident.kind, incident.pk, HOLD_ENDS)


def _proposed_cancelling(incident: Incident, actor: Actor, cancel_code: str, reason: str) -> Confirmation:
    return propose(
        incident,
        actor=actor,
        at=timezone.now(),
        action=CANCEL,
        subject=gettext("Cancel %(incident_reference)s, which holds changes")
        % {"incident_reference": incident.reference},
        payload={"cancel_code": cancel_code, "reason": reason},
        differences=[
            Difference(gettext("State"), incident.get_status_display(), str(Status.CANCELLED.label)),
            Difference(gettext("Changes of its service"), gettext("wait for it"), gettext("no longer wait for it")),
        ],
        services=services_without_interest(incident, actor, gettext("cancel an incident that holds changes")),
        roles=SECOND_ROLES,
        reason=reason,
    )
