"""What people do about findings: have them worked on, live with them for a while."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from catalog.cmdb.permissions import item_editors
from catalog.health import permissions
from catalog.health.models import Finding
from catalog.health.queries.words import task_title
from catalog.health.vocabulary import LONGEST_ACCEPTED, MOST_TASKS
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.work.tasks import add_task


@transaction.atomic
def give_tasks(findings: Sequence[Finding], *, actor: Actor, at: datetime) -> int:
    """One task for each of these that stands, has none, and nobody lives with; it goes to the item's team.

    The caller found them among what the actor may see. Of two clicks at once each finding gets one task. Those of
    items that the actor may not edit, and of items with a full list of tasks, are passed over. How many tasks.
    Raises NotPermitted and InvalidInput (more than 200 at once).
    """
    if not permissions.task_givers(actor):
        raise NotPermitted(gettext("%(actor_name)s may give no tasks.") % {"actor_name": actor.name})
    if len(findings) > MOST_TASKS:
        raise InvalidInput.about("findings", gettext("At most %(most)d findings at once.") % {"most": MOST_TASKS})
    wanted = Finding.objects.filter(pk__in=[one.pk for one in findings], cleared_at=None, task=None)
    rows = wanted.select_related("ci__team", "ci__ci_class").select_for_update(of=("self",), no_key=True).order_by("pk")
    return sum(_given(one, actor) for one in rows if not _is_accepted(one, at) and item_editors(actor, one.ci))


def _given(finding: Finding, actor: Actor) -> bool:
    try:
        finding.task = add_task(finding.ci, actor=actor, title=task_title(finding)[:200], team=finding.ci.team)
    except Conflict:
        return False
    finding.version += 1
    finding.save(update_fields=["task", "version"])
    return True


def _is_accepted(finding: Finding, at: datetime) -> bool:
    return finding.accepted_until is not None and finding.accepted_until > at


def accept(
    finding: Finding, *, actor: Actor, until: datetime, why: str, at: datetime, version: int | None = None
) -> Finding:
    """Live with it until then: it counts as bad no longer. Said again it holds anew.

    Raises NotPermitted, WrongState (it stands no more), InvalidInput (no reason, or not within a year), StaleVersion.
    """
    _require_accepter(finding, actor)
    if is_blank(why):
        raise InvalidInput.about("why", gettext("Give a reason."))
    if not at < until <= at + LONGEST_ACCEPTED:
        raise InvalidInput.about("until", gettext("Choose an instant within a year from now."))
    with lifecycle.edit(finding, actor=actor, version=version, event="accepted", version_required=False) as current:
        _require_standing(current)
        current.accepted_until, current.why = until, why.strip()
    return current


def take_up_again(finding: Finding, *, actor: Actor, version: int | None = None) -> Finding:
    """Nobody lives with it any longer. Raises NotPermitted, WrongState (it stands no more), StaleVersion."""
    _require_accepter(finding, actor)
    with lifecycle.edit(finding, actor=actor, version=version, event="taken_up", version_required=False) as current:
        _require_standing(current)
        current.accepted_until, current.why = None, ""
    return current


def _require_accepter(finding: Finding, actor: Actor) -> None:
    if not permissions.accepters(actor, finding):
        raise NotPermitted(
            gettext("Service owners and change managers say what is lived with, not %(name)s.") % {"name": actor.name}
        )


def _require_standing(finding: Finding) -> None:
    if finding.cleared_at is not None:
        raise WrongState(gettext("It is no longer so."))
