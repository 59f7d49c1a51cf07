"""Two incidents that are one: the source is cancelled and lives on in the survivor; for a while it can be split off.

Rows and words stay where they were written. What others would look for moves to the survivor: watchers, links,
open tasks, children, and whatever was merged into the source before. At a split what moved stays with the survivor.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations import kinship
from incidents.incident.operations.steps import HOLD_ENDS
from incidents.incident.operations.telling import tell_caller
from incidents.incident.vocabulary import CancelCode
from incidents.incident.workflow import WORKFLOW
from itsm import lifecycle
from itsm.audit.recording import last_time
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, MissingInformation, NotPermitted, WrongState
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.work.linking import move_links
from itsm.work.tasks import move_open_tasks
from itsm.work.watching import also_watches, forget_watcher, move_watchers

SPLIT_WITHIN = timedelta(days=30)


class ConsentMissing(MissingInformation):
    """Two callers would read each other's words, and nobody said that they may."""

    code, title = "consent-missing", "Two callers would read each other's words"
    members: ClassVar[dict[str, Any]] = {
        "instead": {"type": "string", "description": "what keeps the conversations apart: a link of this meaning"}
    }


@WORKFLOW.takes("merge")
@transaction.atomic
def merge(incident: Incident, *, actor: Actor, into: str, consent: bool = False) -> Incident:
    """Cancel it as merged into another (a reference), or into what that one lives on in. Returns the source.

    Raises NotPermitted without a right to change both, WrongState, InvalidInput for a survivor that is unseen, Conflict
    (into itself, out of a confidential queue, into one that is over, changes let go), ConsentMissing.
    """
    kinship.one_at_a_time()
    wanted = kinship.named(actor, into, "into")
    root = Incident.objects.values_list("merged_into_id", flat=True).get(pk=wanted) or wanted
    if not Incident.objects.visible_to(actor).filter(pk=root).exists():
        raise Conflict(gettext("%(into)s lives on in an incident that you may not see.") % {"into": into.strip()[:20]})
    held = kinship.locked_together({incident.pk, root, *_relatives(incident)})
    source, survivor = held[incident.pk], held[root]
    WORKFLOW.begin("merge", actor, source)
    _require_mergeable(source, survivor, actor)
    if not consent:
        _require_one_caller([source, *(one for one in held.values() if one.merged_into_id == source.pk)], survivor)
    _repoint(source, survivor, actor)
    with lifecycle.step(source, "merge", actor=actor, locked_by_caller=True) as current:
        current.hold_reason, current.hold_until = "", None
        current.cancel_code, current.merged_into, current.parent = CancelCode.MERGED.value, survivor, None
        due.cancel(current.kind, current.pk, HOLD_ENDS)
    lifecycle.announce(survivor, "took_in", actor=actor, changes={"merged": [None, source.reference]})
    tell_caller(source, actor, "incident.merged", _lives_on(source, survivor), source.title)
    return source


def _relatives(source: Incident) -> set[int]:
    """What was merged into it, and its children."""
    return {
        *Incident.objects.filter(merged_into=source.pk).values_list("pk", flat=True),
        *Incident.objects.filter(parent=source.pk).values_list("pk", flat=True),
    }


def _require_mergeable(source: Incident, survivor: Incident, actor: Actor) -> None:
    kinship.require_works_on(actor, survivor)
    said = {"source": source.reference, "survivor": survivor.reference, "team": source.team.name}
    if source.pk == survivor.pk:
        raise Conflict(gettext("%(source)s cannot be merged into itself.") % said)
    if not survivor.is_open:
        raise Conflict(gettext("%(survivor)s is over; reopen it first, or merge the other way round.") % said)
    if source.team.confidential and survivor.team_id != source.team_id:
        raise Conflict(
            gettext("%(team)s is confidential: merge only into what lies there too, or the other way round.") % said
        )
    if source.holds_changes and not (survivor.holds_changes and survivor.service_id == source.service_id):
        raise Conflict(
            gettext("%(source)s holds changes and %(survivor)s would not: cancel it; a second person confirms that.")
            % said
        )


def _require_one_caller(sources: list[Incident], survivor: Incident) -> None:
    """Raise ConsentMissing where somebody would read what another caller wrote; an alert has written to nobody."""
    for one in sources:
        if one.caller_id not in {None, survivor.caller_id}:
            raise ConsentMissing(
                gettext(
                    "%(theirs)s will read the public notes of %(source)s, and %(other)s those of %(survivor)s."
                    " Say that both agree, or link it as a duplicate instead: that keeps them apart."
                )
                % {
                    "theirs": survivor.caller or gettext("Nobody"),
                    "other": one.caller,
                    "source": one.reference,
                    "survivor": survivor.reference,
                },
                missing=[gettext("the consent of both callers")],
                instead="duplicates",
            )


def _repoint(source: Incident, survivor: Incident, actor: Actor) -> None:
    """Move to the survivor what belongs to the source, and what lives on in it."""
    parent = survivor.parent_id
    if parent == source.pk:
        _belongs_to(survivor, None, actor)
        parent = None
    for child in Incident.objects.filter(parent=source.pk).exclude(pk=survivor.pk).order_by("pk"):
        _belongs_to(child, parent or survivor.pk, actor)
    for before in Incident.objects.filter(merged_into=source.pk).order_by("pk"):
        with lifecycle.edit(before, actor=actor, version=None, event="moved_on", version_required=False) as current:
            current.merged_into = survivor
        _keep_told(before, survivor, actor)
    move_open_tasks(source, survivor)
    move_watchers(source, survivor)
    move_links(source, survivor)
    _keep_told(source, survivor, actor)


def _belongs_to(child: Incident, parent_id: int | None, actor: Actor) -> None:
    with lifecycle.edit(child, actor=actor, version=None, version_required=False) as current:
        current.parent_id = parent_id
    child.parent_id = parent_id


def _keep_told(source: Incident, survivor: Incident, actor: Actor) -> None:
    """Its caller hears how it goes on, where they are not the survivor's as well."""
    if source.caller is not None and source.caller_id != survivor.caller_id:
        also_watches(survivor, user=source.caller, by=actor, why=source.reference)


def _lives_on(source: Incident, survivor: Incident) -> Words:
    """A confidential survivor is not named: not everybody who hears this may see it."""
    if survivor.team.confidential:
        return _("%(source)s lives on in another incident") % {"source": source.reference}
    said = {"source": source.reference, "survivor": survivor.reference}
    return _("%(source)s lives on in %(survivor)s") % said


@WORKFLOW.takes("split")
@transaction.atomic
def split(incident: Incident, *, actor: Actor, at: datetime) -> Incident:
    """It was another one after all: work on it goes on by itself. What was merged into it stays where it is.

    Raises NotPermitted without a right to change both, WrongState (never merged), Conflict (too long ago).
    """
    kinship.one_at_a_time()
    root = Incident.objects.values_list("merged_into_id", flat=True).get(pk=incident.pk)
    held = kinship.locked_together({incident.pk, *([root] if root else [])})
    source = held[incident.pk]
    WORKFLOW.begin("split", actor, source)
    if root is None:
        raise WrongState(
            gettext("%(reference)s was not merged into another.") % {"reference": source.reference},
            state=source.status,
            available=[],
        )
    survivor = held[root]
    if not permissions.workers(actor, survivor):
        raise NotPermitted(gettext("%(name)s may not change what it lives on in.") % {"name": actor.name})
    merged_at = last_time(source, f"{source.kind}.merged")
    if merged_at is None or at > merged_at + SPLIT_WITHIN:
        raise Conflict(
            gettext("%(reference)s was merged more than %(days)s days ago; open a new one that follows.")
            % {"reference": source.reference, "days": SPLIT_WITHIN.days}
        )
    with lifecycle.step(source, "split", actor=actor, locked_by_caller=True) as current:
        current.cancel_code, current.merged_into = "", None
    forget_watcher(survivor, why=source.reference)
    lifecycle.announce(survivor, "let_go", actor=actor, changes={"merged": [source.reference, None]})
    return source
