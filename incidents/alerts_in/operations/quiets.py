"""The quiet of a change: planned as it is approved, active while it is at work, over five minutes after it.

Nothing stays muted by accident: what holds it in an Alertmanager is a lease of ten minutes, renewed every three, and
what still fires as it ends opens its incident then.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.alerts_in import permissions
from incidents.alerts_in.models import AlertOccurrence, Quiet
from incidents.alerts_in.models.quiet import LONGEST
from incidents.alerts_in.operations import opening, silences
from incidents.alerts_in.operations.wording import INTAKE
from incidents.alerts_in.vocabulary import OccurrenceStatus, QuietStatus
from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

RENEWING = "alerts: a quiet is held"
ENDING = "alerts: a quiet ends"
AFTERWARDS = timedelta(minutes=5)
_LIVES = (QuietStatus.PLANNED, QuietStatus.ACTIVE)


@transaction.atomic
def plan(
    *,
    change_reference: str,
    services: Collection[int],
    environment: str,
    starts_at: datetime,
    ends_at: datetime,
    matchers: Sequence[Mapping[str, str]] = (),
) -> Quiet:
    """The quiet that this change will have, a day long at most; planned again it follows the change.

    Raises InvalidInput where it would be for no service or no environment, or ends before it begins.
    """
    if not services or not environment or ends_at <= starts_at:
        raise InvalidInput(gettext("A quiet is for services in an environment, and ends after it begins."))
    said = {
        "services": sorted(services), "environment": environment, "matchers": [dict(one) for one in matchers],
        "starts_at": starts_at, "ends_at": min(ends_at, starts_at + LONGEST),
    }  # fmt: skip
    known = _living(change_reference)
    if known is None:
        return lifecycle.created(
            Quiet.objects.create(change_reference=change_reference, **said), actor=INTAKE,
            changes={"change": [None, change_reference]},
        )  # fmt: skip
    if known.status == QuietStatus.PLANNED:
        with lifecycle.edit(known, actor=INTAKE, version=None, version_required=False) as known:
            for name, value in said.items():
                setattr(known, name, value)
    return known


def _living(change_reference: str) -> Quiet | None:
    return Quiet.objects.filter(change_reference=change_reference, status__in=_LIVES).first()


def activate(change_reference: str, *, at: datetime) -> Quiet | None:
    """The change begins: from now on its alerts are quiet. None where nothing is planned, or it is over."""
    quiet = _living(change_reference)
    if quiet is None or quiet.status == QuietStatus.ACTIVE:
        return quiet
    if quiet.ends_at <= at:
        _ended(quiet, QuietStatus.FAILED, gettext("Its window was over when the change began."), at)
        return None
    with lifecycle.edit(quiet, actor=INTAKE, version=None, event="activated", version_required=False) as current:
        current.status, current.starts_at = QuietStatus.ACTIVE, at
        current.ends_at = min(current.ends_at, at + LONGEST)
    due.schedule(ENDING, Quiet.kind, current.pk, current.ends_at)
    silences.hold(current, at=at)
    due.schedule(RENEWING, Quiet.kind, current.pk, at + silences.EVERY)
    return current


def end_soon(change_reference: str, why: str, *, at: datetime) -> None:
    """The change is over: what is active ends in five minutes, what is only planned now. Raises nothing."""
    quiet = _living(change_reference)
    if quiet is None:
        return
    if quiet.status == QuietStatus.PLANNED:
        _ended(quiet, QuietStatus.LIFTED, why, at)
        return
    until = min(quiet.ends_at, at + AFTERWARDS)
    with lifecycle.edit(quiet, actor=INTAKE, version=None, version_required=False) as current:
        current.ends_at, current.why = max(until, current.starts_at + timedelta(seconds=1)), why[:200]
    due.schedule(ENDING, Quiet.kind, quiet.pk, current.ends_at)


def lift(quiet: Quiet, *, actor: Actor, reason: str = "") -> Quiet:
    """A person ends it now. Raises NotPermitted, WrongState."""
    if not permissions.responders(actor):
        raise NotPermitted(gettext("Those who work on incidents lift a quiet."))
    with transaction.atomic():
        current = lifecycle.locked(quiet)
        if current.status not in _LIVES:
            raise WrongState(gettext("It is over."), state=current.status, available=[])
        why = reason or gettext("lifted by %(name)s") % {"name": actor.name}
        return _ended(current, QuietStatus.LIFTED, why, timezone.now(), actor=actor)


def _ended(quiet: Quiet, status: QuietStatus, why: str, at: datetime, actor: Actor = INTAKE) -> Quiet:
    with lifecycle.edit(quiet, actor=actor, version=None, event="lifted", version_required=False) as current:
        current.status, current.why, current.lifted_at = status, why[:200], at
    due.cancel(Quiet.kind, quiet.pk, RENEWING, ENDING)
    silences.hold(current, at=at)
    _let_out(current, at)
    return current


def _let_out(quiet: Quiet, at: datetime) -> None:
    """What it kept quiet and fires still is loud from now on."""
    rows = AlertOccurrence.objects.select_for_update(of=("self",), no_key=True).filter(
        quiet=quiet, status=OccurrenceStatus.QUIETED
    )
    still = list(rows.select_related("source", "service__team", "service__support_team").order_by("pk"))
    for one in still:
        one.status = OccurrenceStatus.FIRING
    AlertOccurrence.objects.bulk_update(still, ["status"])
    opening.open_for(still, at=at)


def end_when_due(quiet_id: int, at: datetime) -> None:
    """The due row's work: it has lasted as long as it may. Raises nothing."""
    quiet = Quiet.objects.filter(pk=quiet_id, status=QuietStatus.ACTIVE, ends_at__lte=at).first()
    if quiet is not None:
        _ended(quiet, QuietStatus.LIFTED, quiet.why or gettext("its window is over"), at)


def renew_when_due(quiet_id: int, at: datetime) -> None:
    """The due row's work: the lease is renewed, as long as it is active. Raises nothing."""
    quiet = Quiet.objects.filter(pk=quiet_id, status=QuietStatus.ACTIVE).first()
    if quiet is not None:
        silences.hold(quiet, at=at)
        due.schedule(RENEWING, Quiet.kind, quiet.pk, at + silences.EVERY)


def overdue(before: datetime) -> int:
    """How many are active and should have ended before this instant. Raises nothing."""
    return Quiet.objects.filter(status=QuietStatus.ACTIVE, ends_at__lt=before).count()


def end_overdue(at: datetime) -> None:
    """End them: the promise is gone, or its keeper is. Raises nothing."""
    for number in Quiet.objects.filter(status=QuietStatus.ACTIVE, ends_at__lte=at).values_list("pk", flat=True):
        with transaction.atomic():
            end_when_due(number, at)
