"""Setting objectives and changing their terms, without rewriting what was promised before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical
from catalog.environments.vocabulary import DEFAULT
from itsm import lifecycle
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput
from slo.engine.methods import Method
from slo.engine.samples import epoch_minute
from slo.measuring.models import Indicator
from slo.objectives.models import Budget, Objective
from slo.objectives.operations.counted_periods import write_counted_periods
from slo.objectives.operations.evaluation import budget_locked, evaluate
from slo.objectives.operations.guarding import (
    might_relax,
    must_wait,
    propose_edit,
    require_no_stake_in_beginning,
    terms_of,
)
from slo.objectives.operations.relaxing import require_budget_authority, require_keeper
from slo.objectives.operations.terms import COLUMNS, check_terms, keep_version, normalise_terms
from slo.objectives.queries.members import MemberTerms, current_members

if TYPE_CHECKING:
    from catalog.models import Service

# A higher target lets nothing through. A lower one does: the minutes from now on, and those that a calendar period
# still has, allow so much more that what is burnt hardly weighs. Without its rows a budget never burns fast.
_MIGHT_RELAX = {*COLUMNS, "gating", "alert_rows"} - {"target"}
# Pages of their own stand at these addresses.
_TAKEN = frozenset({"new", "wall", "sources", "indicators", "openslo", "badges", "of", "cost", "quarantine"})
# A new objective may wait so long, at most, before it decides about changes.
MAX_WAITING = timedelta(days=90)
_SLICED = (Method.TIMESLICES, Method.RATIO_TIMESLICES)


def create_objective(
    *,
    actor: Actor,
    at: datetime,
    slug: str,
    name: str,
    service: "Service",
    target: Decimal,
    indicator: Indicator | None = None,
    members: Sequence[MemberTerms] = (),
    evaluated: bool = True,
    **said: Any,
) -> Objective:
    """A new objective, evaluated at once over whatever its indicators already hold.

    `said`: environment, gating, gates_from, description, labels, annotations, alert_rows, managed_by, method,
    time_slice_target, time_slice_minutes, missing_slices, window_days or calendar {unit, zone, count,
    start}, budget_basis. Raises NotPermitted, InvalidInput (terms), UnknownEnvironment, Conflict (slug
    taken). Whoever says `evaluated=False` evaluates it in the same transaction.
    """
    require_keeper(actor, service)
    if slug in _TAKEN:
        raise InvalidInput(
            gettext("An objective cannot be called %(slug)s: that is the address of a page.") % {"slug": slug},
            {"slug": [gettext("taken by a page")]},
        )
    said["environment"] = canonical(said.get("environment", DEFAULT))
    objective = Objective(
        slug=slug, name=name, service=service, indicator=indicator, target=target, created_by_id=actor.id,
        **_with_slices(normalise_terms(said)),
    )  # fmt: skip
    check_terms(objective, members)
    _check_gates_from(objective, began=at)
    require_no_stake_in_beginning(objective, actor)
    with transaction.atomic():
        try:
            with transaction.atomic():
                objective.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(gettext("There is already an objective called %(slug)s.") % {"slug": slug}) from error
        keep_version(objective, members, by=actor.name, at=at, from_minute=0)
        write_counted_periods(objective)
        _pull_whole_window(objective, members)
        lifecycle.created(
            objective, actor=actor, changes={"target": [None, target], "window_days": [None, objective.window_days]}
        )
        if evaluated:
            evaluate(at=at, objectives=[objective.pk])
    return objective


def edit_objective(
    objective: Objective,
    *,
    actor: Actor,
    version: int | None,
    at: datetime,
    members: Sequence[MemberTerms] | None = None,
    evaluated: bool = True,
    seconded: Confirmation | None = None,
    **said: Any,
) -> Objective:
    """Change names, gating, alert rows, or terms; as `create_objective`. New terms hold from this minute on.

    The minutes before keep the target of their time. What could let changes through by itself (a lower target,
    window, indicators, method, fewer alert rows, no longer gating) is for people without an interest, needs a change
    manager while the budget is exhausted or burns fast, and is done once a second person has confirmed it (`seconded`):
    until then nothing changes, and the answer `awaits` that confirmation.

    Raises NotPermitted, InvalidInput, Conflict, StaleVersion and VersionRequired.
    """
    require_keeper(actor, objective.service)
    with budget_locked(objective.pk), lifecycle.edit(objective, actor=actor, version=version) as current:
        before, members_before = _picture(current), current_members(current)
        for field, value in _switched(current, normalise_terms(said), members).items():
            setattr(current, field, value)
        kept = members_before if members is None and current.is_composite else list(members or ())
        changed = {name for name, value in _picture(current).items() if value != before[name]}
        changed |= {"indicator_id"} if kept != members_before else set()
        relaxed = might_relax(before, _picture(current), other_members=kept != members_before)
        if changed & _MIGHT_RELAX or current.target < before["target"]:
            require_budget_authority(current, actor)
        if current.gating and not before["gating"]:
            require_no_stake_in_beginning(current, actor)
        if "gates_from" in changed:
            _check_still_new(current)
            _check_gates_from(current, began=current.created_at)
        if changed - {"gating", "gates_from"}:
            check_terms(current, kept)
        if relaxed and before["gating"] and current.retired_at is None and seconded is None:
            stands = Objective.objects.select_related("service__team").get(pk=current.pk)
            if must_wait(stands, actor, at, doing=gettext("relax an objective")):
                new_members = kept if kept != members_before else None
                waits = propose_edit(stands, current, new_members, actor=actor, at=at)
                current.refresh_from_db()
                current.awaits = waits
                return current
        if changed & set(COLUMNS):
            current.terms_version += 1
            keep_version(current, kept, by=actor.name, at=at, from_minute=epoch_minute(at))
            write_counted_periods(current)
            _pull_whole_window(current, kept)
    if evaluated:
        evaluate(at=at, objectives=[objective.pk])
    return current


def edit_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The write that a second person confirmed; StaleVersion where the objective has changed since."""
    objective = Objective.objects.select_related("service").get(pk=confirmation.record_id)
    version = confirmation.payload["version"]
    edit_objective(
        objective, actor=actor, version=version, at=at, seconded=confirmation, **terms_of(confirmation)
    )  # fmt: skip


def _switched(current: Objective, said: dict[str, Any], members: Sequence[MemberTerms] | None) -> dict[str, Any]:
    """Members take the place of an indicator and the other way round; a method without slices drops theirs."""
    if members:
        said = said | {"indicator": None}
    if "window_days" in said and current.calendar_unit and "calendar_unit" not in said:
        said = normalise_terms(said | {"calendar": None})
    if said.get("method") == Method.OCCURRENCES:
        said = {"time_slice_target": None, "time_slice_minutes": None, "missing_slices": "excluded"} | said
    if said.get("method") == Method.RATIO_TIMESLICES:
        said = {"time_slice_target": None} | said
    if current.time_slice_minutes is None:
        said = _with_slices(said)
    return said


def _with_slices(said: dict[str, Any]) -> dict[str, Any]:
    """Slices last a minute unless something else is said."""
    if said.get("method") in _SLICED and said.get("time_slice_minutes") is None:
        return said | {"time_slice_minutes": 1}
    return said


def _picture(objective: Objective) -> dict[str, Any]:
    return {name: getattr(objective, name) for name in (*COLUMNS, "gating", "gates_from", "alert_rows")}


def _check_gates_from(objective: Objective, *, began: datetime) -> None:
    """Reporting only is for a beginning, not for ever."""
    if objective.gates_from is not None and objective.gates_from > began + MAX_WAITING:
        raise InvalidInput(
            gettext("A new objective decides about changes after %(days)s days at the latest.")
            % {"days": MAX_WAITING.days},
            {"gates_from": [gettext("at most %(days)s days after it was made") % {"days": MAX_WAITING.days}]},
        )


def _check_still_new(objective: Objective) -> None:
    """Who has once decided about changes is never new again: that would lift what it holds."""
    if Budget.objects.filter(pk=objective.pk, gates_since__isnull=False).exists():
        raise Conflict(
            gettext("%(objective)s decides about changes already; from when on is no more to be said.")
            % {"objective": objective.slug}
        )


def _pull_whole_window(objective: Objective, members: Sequence[MemberTerms]) -> None:
    """A new or longer window may reach behind what was pulled so far."""
    ids = [one.indicator.pk for one in members] if objective.indicator is None else [objective.indicator.pk]
    # In id order, as writers of measurements lock them.
    pulled = Indicator.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=ids, pulled_until__isnull=False
    )
    Indicator.objects.filter(pk__in=list(pulled.order_by("pk").values_list("pk", flat=True))).update(pulled_until=None)
