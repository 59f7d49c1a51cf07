"""Outage periods: found again whenever a budget was spent, each with those who may have caused it.

Periods are derived from measurements, so they move when those do; what people said about a cause stays.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.locks import AdvisoryLock
from slo.engine.attribution import BEFORE, CandidateCause, overlaps, reasons, score
from slo.engine.samples import epoch_minute, instant_of
from slo.engine.windows import WINDOWS
from slo.measuring.models import Indicator
from slo.objectives import permissions
from slo.objectives.models import Budget, Objective, Outage, OutageCause
from slo.objectives.operations.dear_outages import require_postmortems
from slo.objectives.queries.burn_episodes import PAUSE_MINUTES, BurnEpisode, burn_episodes
from slo.objectives.queries.candidate_causes import SENTENCES, candidate_causes
from slo.objectives.queries.outages import causes_for

# What cost less than a thousandth of the budget is noise: nobody would look for its cause.
MIN_COST = Decimal("0.001")
_LOOK_BACK = 180  # minutes before what was recomputed: late causes and slow samples
_RECENT = list(WINDOWS).index("6h")


def recompute_outages(*, actor: Actor, at: datetime, objectives: Collection[int] | None = None) -> int:
    """Find the outage periods that are new or other since the last time. Returns how many objectives were looked at.

    Only budgets that were spent lately, were backfilled, or were never looked at cost anything.

    Raises NotPermitted for everybody but the system.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("Only Headroom itself recomputes outage periods."))
    backfilled = _backfilled()
    waiting = Budget.objects.filter(objective__retired_at=None).filter(
        Q(outages_until__isnull=True) | Q(**{f"bad__{_RECENT}__gt": 0}) | Q(pk__in=backfilled)
    )
    if objectives is not None:
        waiting = waiting.filter(pk__in=objectives)
    budgets = list(waiting.select_related("objective__service").order_by("pk"))
    for budget in budgets:
        kept = _recompute(budget, backfilled.get(budget.pk), at)
        require_postmortems(budget.pk, kept)  # after the budget's lock: incidents come after it
    _forget_backfilled(backfilled)
    return len(budgets)


def decide_cause(outage: Outage, reference: str, *, actor: Actor, verdict: str, at: datetime) -> OutageCause:
    """A person confirms a suspected cause, rules it out, or takes that back. NotFound where nobody suspects it."""
    if not permissions.attributors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not say what caused an outage.") % {"actor_name": actor.name})
    with transaction.atomic():
        seen = causes_for(actor).filter(outage=outage, reference=reference)
        cause = seen.select_for_update(of=("self",), no_key=True).first()
        if cause is None:
            raise NotFound(gettext("%(reference)s does not overlap this outage.") % {"reference": reference[:20]})
        before = cause.verdict
        cause.verdict = verdict
        decided = verdict != OutageCause.Verdict.SUSPECTED
        cause.decided_by, cause.decided_at = (actor.name[:150], at) if decided else ("", None)
        cause.decider_id = actor.id if decided else None
        cause.save(update_fields=["verdict", "decided_by", "decider", "decided_at"])
        lifecycle.announce(outage, "cause_decided", actor=actor, changes={reference: [before, verdict]})
    return cause


def _backfilled() -> dict[int, int]:
    """Objective -> the oldest minute that changed late in one of its indicators."""
    rows = Objective.objects.filter(counted_periods__series__members__indicator__backfilled_from__isnull=False)
    return dict(rows.values_list("pk").annotate(Min("counted_periods__series__members__indicator__backfilled_from")))


@transaction.atomic
def _forget_backfilled(objectives: Collection[int]) -> None:
    """In id order, as writers of measurements lock them."""
    backfilled = Indicator.objects.filter(
        backfilled_from__isnull=False, feeds__series__counted_periods__objective__in=objectives
    )
    ids = sorted(set(backfilled.values_list("pk", flat=True)))
    list(
        Indicator.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ids)
        .order_by("pk")
        .values_list("pk")
    )
    Indicator.objects.filter(pk__in=ids).update(backfilled_from=None)


@transaction.atomic
def _recompute(budget: Budget, backfilled_from: int | None, at: datetime) -> list[Outage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [AdvisoryLock.OUTAGES_OF_BUDGET, budget.pk])
        # Before rows that point to the objective, as everybody does.
        cursor.execute("SELECT FROM slo_budget WHERE objective_id = %s FOR NO KEY UPDATE", [budget.pk])
    since = _since(budget, backfilled_from)
    found = [one for one in burn_episodes(budget.objective, budget, since) if one.cost >= MIN_COST]
    known = list(Outage.objects.filter(objective=budget.pk, ended_at__gt=instant_of(since)).order_by("started_at"))
    kept = [_keep(budget.objective, episode, known, at) for episode in found]
    _forget(known, {outage.pk for outage in kept})
    _attribute(budget.objective, kept)
    Budget.objects.filter(pk=budget.pk).update(outages_until=epoch_minute(budget.watermark))
    return kept


def _since(budget: Budget, backfilled_from: int | None) -> int:
    """Where to look from: never inside a period that is known, so that none is cut in two."""
    if budget.outages_until is None:
        return budget.window_first
    since = min(budget.outages_until - _LOOK_BACK, backfilled_from or budget.outages_until) - PAUSE_MINUTES
    running = Outage.objects.filter(
        objective=budget.pk, started_at__lt=instant_of(since), ended_at__gt=instant_of(since - PAUSE_MINUTES)
    ).aggregate(first=Min("started_at"))["first"]
    first = epoch_minute(running) - PAUSE_MINUTES if running else since
    return max(budget.window_first, min(since, first))


def _keep(objective: Objective, episode: BurnEpisode, known: Sequence[Outage], at: datetime) -> Outage:
    """The period that stood there already, moved to where it is now, or a new one."""
    started, ended = instant_of(episode.started), instant_of(episode.ended)
    same = next((one for one in known if one.started_at < ended and one.ended_at > started), None)
    values = {
        "started_at": started, "ended_at": ended, "failed": episode.failed, "minutes": episode.minutes,
        "cost": episode.cost, "recomputed_at": at,
    }  # fmt: skip
    if same is None:
        return Outage.objects.create(objective=objective, **values)
    for name, value in values.items():
        setattr(same, name, value)
    Outage.objects.filter(objective=objective, started_at=started).exclude(pk=same.pk).delete()
    same.save()
    return same


def _forget(known: Sequence[Outage], kept: set[int]) -> None:
    """What burns no more: gone, unless people said something about it; then it stays, at no cost."""
    for outage in known:
        if outage.pk in kept:
            continue
        if outage.causes.exclude(verdict=OutageCause.Verdict.SUSPECTED).exists():
            Outage.objects.filter(pk=outage.pk).update(cost=0, failed=0)
        else:
            Outage.objects.filter(pk=outage.pk).delete()


def _attribute(objective: Objective, outages: Sequence[Outage]) -> None:
    if not outages:
        return
    first = min(one.started_at for one in outages)
    last = max(one.ended_at for one in outages)
    found = candidate_causes(objective, first, last + timedelta(minutes=PAUSE_MINUTES))
    for outage in outages:
        near = [one for one in found if overlaps(one, outage.started_at, outage.ended_at + BEFORE / 8)]
        _write_causes(outage, near)


def _write_causes(outage: Outage, near: Sequence[CandidateCause]) -> None:
    rows = []
    for one in near:
        why = reasons(one, outage.started_at)
        rows.append(
            OutageCause(
                outage=outage,
                reference=one.reference,
                title=one.title[:300],
                url=one.url,
                began_at=one.began_at,
                score=score(why),
                why=", ".join(str(SENTENCES[reason]) for reason in why)[:300],
            )
        )
    outage.causes.filter(verdict=OutageCause.Verdict.SUSPECTED).exclude(
        reference__in=[one.reference for one in rows]
    ).delete()
    best = {one.reference: one for one in sorted(rows, key=lambda row: row.score)}
    OutageCause.objects.bulk_create(
        best.values(), update_conflicts=True, unique_fields=["outage", "reference"],
        update_fields=["title", "url", "began_at", "score", "why"],
    )  # fmt: skip
