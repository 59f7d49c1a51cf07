"""Planned work for the public: told as it is planned, as it begins, as it ends; the change behind it drives it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.kernel.texts import is_blank
from itsm.statuspage.models import Maintenance, PublicUpdate, StatusPage
from itsm.statuspage.operations.notices import require_publisher
from itsm.statuspage.operations.owing import owe_update
from itsm.statuspage.operations.spans import close_spans, require_components, say_states
from itsm.statuspage.vocabulary import MaintenanceStatus, State
from itsm.statuspage.workflow import MAINTENANCE

BEGINS, ENDS = "status-maintenance-begins", "status-maintenance-ends"
_LONGEST = timedelta(days=31)
_AHEAD = timedelta(days=366)


@transaction.atomic
def plan_maintenance(
    page: StatusPage,
    *,
    actor: Actor,
    at: datetime,
    title: str,
    body: str,
    components: Collection[int],
    starts_at: datetime,
    ends_at: datetime,
    internal: str = "",
) -> Maintenance:
    """Tell the public about work to come. `internal`: its change (CHG-7), whose start and end begin and end it.

    Raises NotPermitted, InvalidInput, WrongState (the page was taken off).
    """
    require_publisher(actor)
    if page.retired_at is not None:
        raise WrongState(gettext("This page was taken off: nobody would read it."), state="retired")
    if is_blank(title) or is_blank(body):
        raise InvalidInput.about("body", gettext("Say what is done, and what the public will notice of it."))
    if not components:
        raise InvalidInput.about("components", gettext("Say which components it touches."))
    _check_times(starts_at, ends_at, at)
    require_components(page, components)
    made = Maintenance(
        page=page, title=title.strip(), internal=internal, published_at=at, updated_at=at, starts_at=starts_at,
        ends_at=ends_at, components=sorted(set(components)),
    )  # fmt: skip
    lifecycle.require_readable(made)
    made.save(force_insert=True)
    told = {"title": [None, made.title], "body": [None, body], "internal": [None, internal]}
    lifecycle.created(made, actor=actor, changes=told, at=at)
    owe_update(_say(made, body, at, actor))
    _keep_time(made)
    return made


def _keep_time(maintenance: Maintenance) -> None:
    """Without a change behind it, its clock begins and ends it."""
    if not maintenance.internal:
        due.schedule(BEGINS, maintenance.kind, maintenance.pk, maintenance.starts_at)
        due.schedule(ENDS, maintenance.kind, maintenance.pk, maintenance.ends_at)


def _check_times(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at or ends_at - starts_at > _LONGEST:
        raise InvalidInput.about("ends_at", gettext("It ends after it starts, within 31 days."))
    if ends_at <= at:
        raise InvalidInput.about("ends_at", gettext("Planned work lies ahead: this is over."))
    if starts_at > at + _AHEAD:
        raise InvalidInput.about("starts_at", gettext("It starts within a year."))


@transaction.atomic
def move_maintenance(
    maintenance: Maintenance, *, actor: Actor, at: datetime, action: str, body: str, version: int | None = None
) -> Maintenance:
    """Take a step of public maintenance, and say so. Begun, its components are under maintenance until it is over.

    Raises NotPermitted, WrongState, InvalidInput, StaleVersion.
    """
    if is_blank(body):
        raise InvalidInput.about("body", gettext("Say what the public should know."))
    with lifecycle.step(maintenance, action, actor=actor, version=version, remark=body) as current:
        current.updated_at = at
        target = MAINTENANCE.steps[action].leads_to(current.status)
        if action == "begin":
            current.begun_at = at
            say_states(current, dict.fromkeys(current.components, State.MAINTENANCE.value), from_=at)
        if target in (MaintenanceStatus.COMPLETED, MaintenanceStatus.CANCELLED):
            current.ended_at = at
            due.cancel(current.kind, current.pk, BEGINS, ENDS)
            close_spans(maintenance=current, at=at)
    owe_update(_say(current, body, at, actor))
    return current


@transaction.atomic
def reschedule(
    maintenance: Maintenance,
    *,
    actor: Actor,
    at: datetime,
    version: int | None,
    starts_at: datetime,
    ends_at: datetime,
    body: str,
) -> Maintenance:
    """It takes place at another time, and the public is told. Nothing is said where the times stay.

    Raises NotPermitted, WrongState (it is over), InvalidInput, StaleVersion, VersionRequired.
    """
    require_publisher(actor)
    if is_blank(body):
        raise InvalidInput.about("body", gettext("Say what the public should know."))
    _check_times(starts_at, ends_at, at)
    with lifecycle.edit(maintenance, actor=actor, version=version) as current:
        if current.ended_at is not None:
            raise WrongState(gettext("It is over."), state=current.status)
        moved = (current.starts_at, current.ends_at) != (starts_at, ends_at)
        current.starts_at, current.ends_at = starts_at, ends_at
        if moved:
            current.updated_at = at
    if moved:
        owe_update(_say(current, body, at, actor))
        _keep_time(current)
    return current


def _say(maintenance: Maintenance, body: str, at: datetime, actor: Actor) -> PublicUpdate:
    return PublicUpdate.objects.create(
        maintenance=maintenance, status=maintenance.status, body=body, components=maintenance.components, at=at,
        by_id=actor.id,
    )  # fmt: skip
