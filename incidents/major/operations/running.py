"""While it runs: what those who wait are told, whether the harm is over, and when what happened."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from incidents.major.models import Major, MajorUpdate
from incidents.major.models.majors import TIMES
from incidents.major.operations import cadence, telling
from incidents.major.operations.holding import held, judge_times
from incidents.major.workflow import WORKFLOW, Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation
from itsm.kernel.texts import is_blank


@WORKFLOW.takes("inform")
@transaction.atomic
def inform(major: Major, *, actor: Actor, text: str, at: datetime) -> Major:
    """Tell stakeholders and who plays a part; the next update is due a cadence later.

    Raises NotPermitted, WrongState, MissingInformation (nothing in it can be read).
    """
    if is_blank(text):
        WORKFLOW.begin("inform", actor, major)
        missing = gettext("Say what those who wait need to know.")
        raise MissingInformation(missing, missing=[missing])
    with lifecycle.step(major, "inform", actor=actor, remark=text) as current:
        _spoken(current, at)
    told = telling.tell_update(current, actor, text)
    MajorUpdate.objects.create(major=current, text=text, by_id=actor.id, at=at, told=told)
    return current


def _spoken(major: Major, at: datetime) -> None:
    major.told_at = at
    if major.is_running:
        cadence.begin(major, at)


@transaction.atomic
def told_publicly(major: Major, *, actor: Actor, at: datetime) -> None:
    """A public update was published: those who wait have heard something. Called by the status page. Raises nothing."""
    with lifecycle.edit(major, actor=actor, version=None, version_required=False, event="told_publicly") as current:
        _spoken(current, at)


@WORKFLOW.takes("mitigate")
@transaction.atomic
def mitigate(major: Major, *, actor: Actor, at: datetime, mitigated_at: datetime | None = None) -> Major:
    """The harm is over, or small, since `mitigated_at` (now); the cause is still there, and changes wait.

    Raises NotPermitted (only who commands it says so), WrongState, MissingInformation (out of order).
    """
    held(major)
    with lifecycle.step(major, "mitigate", actor=actor) as current:
        current.mitigated_at = mitigated_at or at
        judge_times(current)
    return current


@WORKFLOW.takes("flare_up")
@transaction.atomic
def flare_up(major: Major, *, actor: Actor) -> Major:
    """It is as bad as before. Raises NotPermitted and WrongState."""
    held(major)
    with lifecycle.step(major, "flare_up", actor=actor) as current:
        current.mitigated_at = None
    return current


@WORKFLOW.takes("correct_times")
@transaction.atomic
def correct_times(
    major: Major, *, actor: Actor, reason: str, started_at: datetime | None = None,
    detected_at: datetime | None = None, acknowledged_at: datetime | None = None,
    mitigated_at: datetime | None = None, resolved_at: datetime | None = None,
) -> Major:  # fmt: skip
    """Say when it was, with a reason. None: as it stands. Times that are not reached yet stay open.

    Raises NotPermitted, WrongState, MissingInformation (no reason; out of order, or ahead of the clock).
    """
    said = (started_at, detected_at, acknowledged_at, mitigated_at, resolved_at)
    with lifecycle.step(major, "correct_times", actor=actor, remark=reason) as current:
        current.reason = reason
        for name, instant in zip(TIMES, said, strict=True):
            if instant is not None:
                setattr(current, name, instant)
        judge_times(current)
        if not current.times_wrong and current.is_running and resolved_at is not None:
            current.times_wrong = gettext("It is not resolved yet: resolve it, with this instant.")
        if not current.times_wrong and mitigated_at is not None and current.status == Status.LIVE:
            current.times_wrong = gettext("It is not mitigated yet: say so, with this instant.")
    return current
