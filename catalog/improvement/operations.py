"""Every write to improvements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.improvement import queries
from catalog.improvement.models import Improvement
from catalog.improvement.permissions import proposers, writers
from catalog.improvement.vocabulary import OPEN, SHOWS_AFTER, Status
from catalog.improvement.workflow import WORKFLOW
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.work import linking

SHOWS = "catalog.improvement_shows"
_FIXED = ("service", "measure")  # what is measured before and after is one thing


@transaction.atomic
def propose_improvement(
    *, actor: Actor, title: str, benefit: int, effort: int, about: Sequence[str] = (), **said: Any
) -> Improvement:
    """An idea; `said`: why, owner, service, due, measure; `about`: references of the records that it is about.

    Raises NotPermitted, InvalidInput, Conflict.
    """
    if not proposers(actor):
        raise NotPermitted(gettext("%(name)s proposes no improvements.") % {"name": actor.name})
    _check(said)
    made = Improvement(title=title.strip(), benefit=benefit, effort=effort, proposed_by_id=actor.id, **said)
    _require_scale(made)
    lifecycle.require_readable(made)
    made.save(force_insert=True)
    lifecycle.created(made, actor=actor, changes={"title": [None, made.title]})
    for reference in dict.fromkeys(about):
        link(made, actor=actor, to=reference)
    return made


def edit_improvement(improvement: Improvement, *, actor: Actor, version: int | None, **said: Any) -> Improvement:
    """Change it; measure and service only until it was measured first.

    Raises NotPermitted, InvalidInput, Conflict, WrongState, StaleVersion, VersionRequired.
    """
    if not writers(actor, improvement):
        raise NotPermitted(gettext("Its owner, who proposed it, service owners and change managers change it."))
    with lifecycle.edit(improvement, actor=actor, version=version) as current:
        wanted = {name: value for name, value in said.items() if getattr(current, name) != value}
        if wanted and current.status not in OPEN:
            raise WrongState(gettext("It is over: propose another one."), state=current.status)
        if current.before_at is not None and (fixed := [name for name in _FIXED if name in wanted]):
            words = gettext("It was measured already: another measure would compare two things.")
            raise InvalidInput.about(fixed[0], words)
        if "owner" in wanted and wanted["owner"] is None and current.status != Status.IDEA:
            raise InvalidInput.about("owner", gettext("What is accepted has an owner."))
        if not wanted.get("measure", "x") and current.status != Status.IDEA:
            raise InvalidInput.about("measure", gettext("What is accepted has a measure."))
        _check(wanted)
        for name, value in wanted.items():
            setattr(current, name, value.strip() if name == "title" else value)
        _require_scale(current)
    return current


@WORKFLOW.takes("accept")
def accept(improvement: Improvement, *, actor: Actor, version: int | None = None) -> Improvement:
    """It is worth the work of others. Raises NotPermitted, WrongState, StaleVersion, MissingInformation, Conflict."""
    with lifecycle.step(improvement, "accept", actor=actor, version=version) as current:
        require_active(current.owner)
        return current


@WORKFLOW.takes("start")
def start(improvement: Improvement, *, actor: Actor, at: datetime, version: int | None = None) -> Improvement:
    """Measure how it stands before, and begin.

    Raises NotPermitted, WrongState, StaleVersion, Conflict (its measure says nothing).
    """
    with lifecycle.step(improvement, "start", actor=actor, version=version) as current:
        current.before, current.before_at = _measured(current, at), at
    return current


@WORKFLOW.takes("finish")
def finish(improvement: Improvement, *, actor: Actor, at: datetime, version: int | None = None) -> Improvement:
    """The work is done; it is measured again in 14 days. Raises NotPermitted, WrongState, StaleVersion."""
    with transaction.atomic():
        with lifecycle.step(improvement, "finish", actor=actor, version=version) as current:
            current.finished_at = at
        due.schedule(SHOWS, current.kind, current.pk, at + SHOWS_AFTER)
    return current


@WORKFLOW.takes("conclude")
def conclude(improvement: Improvement, *, actor: Actor, at: datetime, version: int | None = None) -> Improvement:
    """Measure the same again: that is how it helped.

    Raises NotPermitted, WrongState, StaleVersion, Conflict (sooner than 14 days after it was finished; its measure says
    nothing).
    """
    with lifecycle.step(improvement, "conclude", actor=actor, version=version) as current:
        if current.finished_at is None or at < current.finished_at + SHOWS_AFTER:
            said = gettext("What was done needs %(days)d days to show.") % {"days": SHOWS_AFTER.days}
            raise Conflict(said)
        current.after, current.measured_at = _measured(current, at), at
    return current


@WORKFLOW.takes("drop")
def drop(improvement: Improvement, *, actor: Actor, because: str, version: int | None = None) -> Improvement:
    """It is not done, and why. Raises NotPermitted, WrongState, StaleVersion, MissingInformation."""
    with lifecycle.step(improvement, "drop", actor=actor, version=version, remark=because) as current:
        current.because = because.strip()
    return current


def conclude_when_due(improvement_id: int, at: datetime) -> None:
    """Measure it again by itself. Nothing where somebody did, or it was dropped."""
    found = Improvement.objects.filter(pk=improvement_id).first()
    if found is not None and lifecycle.locked(found).status == Status.MEASURING:
        conclude(found, actor=Actor.system("improvement"), at=at)


def link(improvement: Improvement, *, actor: Actor, to: str) -> linking.Linked:
    """Name a record that it is about. Raises NotPermitted, InvalidInput, Conflict."""
    if not writers(actor, improvement):
        raise NotPermitted(gettext("Its owner, who proposed it, service owners and change managers link it."))
    return linking.connect(improvement, actor=actor, to=to, relation=linking.Relation.RELATES)


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Open improvements of somebody who leaves are their successor's, where there is one. Raises nothing."""
    if successor is None:
        return
    for one in Improvement.objects.filter(owner=person, status__in=OPEN).order_by("pk"):
        with lifecycle.edit(one, actor=actor, version=None, version_required=False) as current:
            current.owner = successor


def _measured(improvement: Improvement, at: datetime) -> Any:
    found = queries.value_now(improvement, at)
    if found is None:
        raise Conflict(gettext("Its measure says nothing at the moment: choose another."))
    return found


def _check(said: dict[str, Any]) -> None:
    queries.require_known(said.get("measure", ""))
    if (owner := said.get("owner")) is not None:
        require_active(owner)
        if not owner.is_human:
            raise InvalidInput.about("owner", gettext("An owner is a person."))


def _require_scale(improvement: Improvement) -> None:
    for name in ("benefit", "effort"):
        if getattr(improvement, name) not in range(1, 6):
            raise InvalidInput.about(name, gettext("Say 1 to 5."))
