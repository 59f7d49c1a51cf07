"""A service is in shadow for a while: the gate answers, records the truth, and stops nothing but what people closed.

Promise: to begin and to prolong it makes every verdict of the service kinder, so nobody asks for it or confirms it who
has an interest in a change that reads the service, and a second person confirms. To let the gate rule again is done at
once: what was allowed by the shadow alone, and has not started, is taken back in the same transaction.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext

from catalog.services.queries import every_service, read_by_changes_of
from changes.calendar.operations.locking import close_calendar
from changes.change.models import Evaluation, GateShadow
from changes.change.models.gate_shadow import LONGEST
from changes.change.operations.evaluations import GATE, end, look_again
from changes.change.permissions import shadow_keepers
from changes.change.queries.shadows import shadow_of, unused_in_shadow
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.accounts.models import User
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.clocks import due
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

if TYPE_CHECKING:
    from catalog.models import Service

SHADOW = "changes: put a service in shadow"
RULES_SOON = "changes.gate_rules_soon"
NOTICE = timedelta(days=3)
SHORTEST_REASON = 10


@transaction.atomic
def ask_shadow(service: "Service", *, actor: Actor, until: datetime, reason: str, at: datetime) -> Confirmation:
    """Ask that the gate only records its answers about this service until then, or for longer than it does already.
    Nothing has changed until a second person without interest confirms it.

    Raises NotPermitted (who may not, who has an interest), InvalidInput (instant, reason) and WrongState (it is in
    shadow for as long already).
    """
    _require_keeper(service, actor)
    require_no_interest(actor, read_by_changes_of([service.pk]), doing=gettext("put a service in shadow"))
    if not at < until <= at + LONGEST:
        said = gettext("Name an instant within the next %(days)d days: then the gate rules again by itself.")
        raise InvalidInput.about("until", said % {"days": LONGEST.days})
    if len(reason.strip()) < SHORTEST_REASON:
        words = gettext("Say in at least %(count)d characters what is still to be seen before the gate may rule.")
        raise InvalidInput.about("reason", words % {"count": SHORTEST_REASON})
    now = shadow_of(service.pk, at)
    if now is not None and now.until >= until:
        raise WrongState(
            gettext("%(service)s is in shadow until %(until)s UTC already; let the gate rule to end that sooner.")
            % {"service": service.slug, "until": f"{now.until:%Y-%m-%d %H:%M}"}
        )
    before = _until(now.until) if now is not None else gettext("it binds")
    return propose(
        service,
        actor=actor,
        at=at,
        action=SHADOW,
        subject=gettext("Put %(service)s in shadow: the gate records there and stops nothing")
        % {"service": service.slug},
        payload={"until": until.isoformat()},
        differences=[Difference(gettext("what the gate says"), before, _until(until))],
        services=read_by_changes_of([service.pk]),
        roles=(Role.MANAGER, Role.OWNER),
        team=service.team,
        reason=reason,
    )


def shadow_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second person confirmed: from now on the gate only records there. One that lasts is followed by this one.

    Raises WrongState where the instant has passed meanwhile, or it is in shadow for as long by now.
    """

    close_calendar()  # one after the other, and nobody judges meanwhile
    service = every_service().get(pk=confirmation.record_id)
    until = datetime.fromisoformat(confirmation.payload["until"])
    now = shadow_of(service.pk, at)
    if until <= at or (now is not None and now.until >= until):
        raise WrongState(gettext("%(service)s needs this no more; ask anew.") % {"service": service.slug})
    GateShadow.objects.filter(service=service, ended_at=None).update(ended_at=at)
    made = GateShadow.objects.create(
        service=service, reason=confirmation.reason, began_at=at, until=until,
        asked_by_id=confirmation.proposed_by_id, confirmed_by_id=actor.id or 0,
    )  # fmt: skip
    said = {"shadow until": [now and now.until.isoformat(), made.until.isoformat()]}
    lifecycle.announce(service, "shadow_begun", actor=actor, changes=said, remark=made.reason, at=at)
    if until - NOTICE > at:
        due.schedule(RULES_SOON, service.kind, service.pk, until - NOTICE)
    look_again(at, service=service.pk)  # what was postponed may go


def rules_soon(service_id: int, at: datetime) -> None:
    """Due: in three days the gate rules again by itself. Its team and who wanted the shadow hear of it.

    Raises nothing.
    """
    now = shadow_of(service_id, at)
    if now is None or now.until - NOTICE > at:
        return  # ended, or prolonged meanwhile
    service = every_service().get(pk=service_id)
    hearers = User.objects.filter(is_active=True).filter(Q(pk=now.asked_by_id) | Q(memberships__team=service.team_id))
    notify(
        hearers.distinct(),
        _("From %(until)s UTC on the gate rules over %(service)s again")
        % {"until": f"{now.until:%Y-%m-%d %H:%M}", "service": service.name},
        path=reverse("changes:past_of", args=[service.slug]),
        record=service,
    )


@transaction.atomic
def end_shadow(service: "Service", *, actor: Actor, at: datetime) -> int:
    """Let the gate rule from now on. What the shadow alone allowed, and has not started, has to be asked for again.

    Returns how many that were. Raises NotPermitted, WrongState (it is not in shadow).
    """
    _require_keeper(service, actor)
    close_calendar()  # judgements under way are waited for: what they allow is found here
    now = shadow_of(service.pk, at)
    if now is None:
        raise WrongState(gettext("%(service)s is not in shadow: the gate rules.") % {"service": service.slug})
    now.ended_at, now.ended_by_id = at, actor.id
    now.save(update_fields=["ended_at", "ended_by"])
    due.cancel(service.kind, service.pk, RULES_SOON)
    unused = list(unused_in_shadow(service.pk))
    why = gettext("the gate rules again: it was allowed in shadow alone")
    for evaluation in unused:
        end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=why, at=at)
    said = {"shadow until": [now.until.isoformat(), None]}
    lifecycle.announce(service, "shadow_ended", actor=actor, changes=said, at=at)
    return len(unused)


def _require_keeper(service: "Service", actor: Actor) -> None:
    if not shadow_keepers(actor, service):
        raise NotPermitted(gettext("Owners of the service and change managers, people, say whether the gate rules."))


def _until(instant: datetime) -> str:
    return gettext("is recorded only, until %(until)s UTC") % {"until": f"{instant:%Y-%m-%d %H:%M}"}
