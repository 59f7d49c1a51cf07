"""Corrections: proposed, decided by somebody else, in force until they expire. What was measured stays as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from itsm import lifecycle
from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.accounts.queues import managers, owners_in
from itsm.accounts.raised import require_not_raised
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from slo.engine.samples import instant_of, oldest_minute
from slo.objectives import permissions
from slo.objectives.models import Correction, Objective
from slo.objectives.operations.counted_periods import counted_periods_of, excluded_stretches, write_counted_periods
from slo.objectives.operations.evaluation import budget_locked, evaluate
from slo.objectives.operations.relaxing import require_budget_authority
from slo.objectives.queries.evaluate_at import BudgetSnapshot, evaluate_at
from slo.objectives.workflow import CORRECTION, CorrectionStatus

EXPIRES = "slo: a correction expires"
CLOCK = Actor.system("clock")
# Nobody decided: the proposal is off. Approved and never limited: it holds as long as a window can reach.
DECIDE_WITHIN = timedelta(days=14)
HOLDS_FOR = timedelta(days=366)
_FARTHEST_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Effect:
    """A budget without the correction and with it."""

    before: BudgetSnapshot
    after: BudgetSnapshot


@transaction.atomic
def propose_correction(
    objective: Objective,
    *,
    actor: Actor,
    at: datetime,
    category: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    origin: str = "",
    expires_at: datetime | None = None,
    asked_by: User | None = None,
) -> Correction:
    """Ask that a period, past or to come, does not count. It counts until somebody else approves.

    Raises NotPermitted, InvalidInput. The same `origin` proposes a period once. `asked_by`: where Headroom itself
    proposes it, the person whose wish it is: theirs it is, so they do not decide it.
    """
    if not permissions.proposers(actor, objective) or (asked_by is not None and not actor.is_system):
        raise NotPermitted(gettext("%(actor_name)s may not propose corrections here.") % {"actor_name": actor.name})
    expires_at = expires_at or min(ends_at, at + _FARTHEST_AHEAD) + HOLDS_FOR
    _check_period(starts_at, ends_at, expires_at, reason, at)
    if origin:
        known = Correction.objects.filter(objective=objective, origin=origin, starts_at=starts_at).first()
        if known is not None:
            return known
    correction = Correction.objects.create(
        objective=objective, category=category, starts_at=starts_at, ends_at=ends_at, reason=reason.strip(),
        origin=origin, expires_at=expires_at, owner_id=asked_by.pk if asked_by else actor.id,
        owner_name=(str(asked_by) if asked_by else actor.name)[:150], proposed_at=at,
    )  # fmt: skip
    lifecycle.created(correction, actor=actor, changes={"starts_at": [None, starts_at], "ends_at": [None, ends_at]})
    due.schedule(EXPIRES, Correction.kind, correction.pk, min(at + DECIDE_WITHIN, expires_at))
    _tell_deciders(correction)
    return correction


@CORRECTION.takes("approve")
def approve_correction(
    correction: Correction, *, actor: Actor, at: datetime, version: int | None = None, reason: str = ""
) -> Correction:
    """From now on the period does not count. While the budget stops changes, this takes a change manager.

    NotPermitted for who proposed it (or a program of theirs did), and for people with an interest in an open change.
    """
    _check_independent(correction, actor)
    with _objective_locked(correction) as objective:
        require_budget_authority(objective, actor)
        effect = effect_of(objective, correction.starts_at, correction.ends_at, at=at)
        with lifecycle.step(correction, "approve", actor=actor, version=version, remark=reason) as current:
            current.decided_by, current.decided_at = actor.name[:150], at
            current.remaining_before, current.remaining_after = effect.before.remaining, effect.after.remaining
        due.schedule(EXPIRES, Correction.kind, current.pk, current.expires_at)
        write_counted_periods(objective)
    evaluate(at=at, objectives=[objective.pk])
    return current


@CORRECTION.takes("decline")
def decline_correction(
    correction: Correction, *, actor: Actor, at: datetime, version: int | None = None, reason: str = ""
) -> Correction:
    """It goes on counting. Raises NotPermitted, WrongState and StaleVersion."""
    with lifecycle.step(correction, "decline", actor=actor, version=version, remark=reason) as current:
        current.decided_by, current.decided_at = actor.name[:150], at
        due.cancel(Correction.kind, current.pk, EXPIRES)
    return current


@CORRECTION.takes("withdraw")
def withdraw_correction(
    correction: Correction, *, actor: Actor, at: datetime, version: int | None = None, reason: str = ""
) -> Correction:
    """Take a proposal, or a mask, back: the period counts again. Raises NotPermitted, WrongState and StaleVersion."""
    return _end(correction, "withdraw", actor=actor, at=at, version=version, reason=reason)


def expire(correction_id: int, at: datetime) -> None:
    """The due row's work: an undecided proposal is off, an approved mask holds no longer."""
    correction = Correction.objects.filter(
        pk=correction_id, status__in=[CorrectionStatus.PROPOSED, CorrectionStatus.APPROVED]
    ).first()
    if correction is not None:
        _end(correction, "expire", actor=CLOCK, at=at)


def effect_of(objective: Objective, starts_at: datetime, ends_at: datetime, *, at: datetime) -> Effect:
    """The budget now, and as it would be if this period did not count. Nothing is kept.

    Raises InvalidInput for no period, Conflict for a retired objective: nothing evaluates it any more.
    """
    if wrong := _wrong_end(starts_at, ends_at, at):
        raise InvalidInput.about("ends_at", wrong)
    if Objective.objects.filter(pk=objective.pk, retired_at__isnull=False).exists():
        raise Conflict(gettext("%(objective)s is retired; nothing is corrected.") % {"objective": objective.slug})
    masking = list(Correction.objects.masking().filter(objective=objective))
    supposed = Correction(objective=objective, starts_at=starts_at, ends_at=ends_at)
    counted_periods = counted_periods_of(objective, excluded_stretches([*masking, supposed]))
    before = evaluate_at(at, [objective.pk])[objective.pk]
    after = evaluate_at(at, [objective.pk], supposing={objective.pk: counted_periods})[objective.pk]
    return Effect(before, after)


@transaction.atomic
def _end(
    correction: Correction, action: str, *, actor: Actor, at: datetime, version: int | None = None, reason: str = ""
) -> Correction:
    with _objective_locked(correction) as objective:
        masked = correction.status == CorrectionStatus.APPROVED
        with lifecycle.step(correction, action, actor=actor, version=version, remark=reason) as current:
            due.cancel(Correction.kind, current.pk, EXPIRES)
        if masked:
            write_counted_periods(objective)
    if masked:
        evaluate(at=at, objectives=[objective.pk])
    return current


def _check_independent(correction: Correction, actor: Actor) -> None:
    if actor.is_system:
        return
    if actor.person_id in interest.natural_persons([correction.owner_id]):
        raise NotPermitted(
            gettext(
                "Four eyes: %(actor_name)s, or a program of theirs, proposed %(reference)s; another person approves."
            )
            % {"actor_name": actor.name, "reference": correction.reference}
        )
    require_not_raised(actor, [correction.owner_id], reference=correction.reference)
    services = read_by_changes_of([correction.objective.service_id])
    interest.require_no_interest(actor, services, doing=gettext("approve a correction"))


@contextmanager
def _objective_locked(correction: Correction) -> Iterator[Objective]:
    """Budget and objective first, the correction after them: whoever edits terms locks in this order too."""
    with budget_locked(correction.objective_id):
        held = Objective.objects.select_for_update(of=("self",), no_key=True).select_related("service")
        yield held.get(pk=correction.objective_id)


def _check_period(starts_at: datetime, ends_at: datetime, expires_at: datetime, reason: str, at: datetime) -> None:
    wrong: dict[str, list[str]] = {}
    if end := _wrong_end(starts_at, ends_at, at):
        wrong["ends_at"] = [end]
    if starts_at < instant_of(oldest_minute(at)):
        wrong["starts_at"] = [gettext("Nothing that old is counted any more.")]
    if expires_at <= at:
        wrong["expires_at"] = [gettext("It expires in the future.")]
    if is_blank(reason):
        wrong["reason"] = [gettext("Give a reason: it stands beside the budget.")]
    if wrong:
        raise InvalidInput(" ".join(words[0] for words in wrong.values()), wrong)


def _wrong_end(starts_at: datetime, ends_at: datetime, at: datetime) -> str:
    if ends_at <= starts_at:
        return gettext("It ends after it starts.")
    return gettext("At most a year ahead.") if ends_at > at + _FARTHEST_AHEAD else ""


def _tell_deciders(correction: Correction) -> None:
    """Change managers and the owners of the service's team; who asked need not be told."""
    people = [*managers(), *owners_in(correction.objective.service.team_id)]
    notify(
        [one for one in people if one.pk != correction.owner_id],
        _("%(owner)s asks to leave a period out of %(objective)s")
        % {"owner": correction.owner_name, "objective": correction.objective.name},
        body=correction.reason,
        path=f"/slos/{correction.objective.slug}/#corrections",
        record=correction,
        by=("correction.asked", "approver"),
    )
