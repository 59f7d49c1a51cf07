"""Reading experiments: how one stands, what is seen of it while it runs, who is called where it does not stop."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.services.queries import reached_from
from changes.change.models import Change
from changes.change.workflow import OVER, Status
from changes.chaos.models import ChaosAbort, ChaosExperiment
from changes.chaos.rules import Seen
from changes.chaos.vocabulary import AbortCause
from incidents.escalation.queries import schedules_of_service
from incidents.major.queries.deciding import duty_managers
from itsm.accounts.queues import who_work_in
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.oncall.queries.duty import on_duty
from itsm.work.linkable import seen_among
from slo.engine.states import Flag
from slo.objectives.queries.burned import burned_between
from slo.objectives.queries.gating_budgets import GatingBudget, gating_budgets


def experiments(actor: Actor) -> "QuerySet[ChaosExperiment]":
    """Those that the actor may see, the newest first, with what their rows show."""
    found = ChaosExperiment.objects.visible_to(actor).select_related(
        "change__service__team", "change__requested_by", "abort", "problem", "concluded_by"
    )
    return found.prefetch_related("burns__objective").order_by("-id")


def experiment_called(actor: Actor, reference: str) -> ChaosExperiment:
    """By the reference of its change. Raises NotFound."""
    number = number_in(reference, "CHG")
    found = experiments(actor).filter(change=number).first() if number is not None else None
    if found is None:
        raise NotFound(_("There is no such experiment."))
    return found


def abort_of(experiment: ChaosExperiment) -> ChaosAbort | None:
    """Its abort, where it was stopped before its time."""
    return getattr(experiment, "abort", None)


def problem_seen(experiment: ChaosExperiment, actor: Actor) -> str | None:
    """The reference of the problem for what it found; None where there is none that the actor may see."""
    if experiment.problem_id is None:
        return None
    return next((one.reference for one in seen_among(actor, "problem", [experiment.problem_id]).values()), None)


def standing(experiment: ChaosExperiment) -> str:
    """How it stands: planned, running, stopping (asked to, not confirmed), stopped, over, or called_off."""
    abort, status = abort_of(experiment), experiment.change.status
    if abort is not None:
        return "stopping" if abort.stopped_at is None else "stopped"
    if status == Status.CANCELLED:
        return "called_off"
    if status == Status.RUNNING:
        return "running"
    return "over" if status in (Status.REVIEWING, *OVER) else "planned"


@dataclass(frozen=True, slots=True)
class Watched:
    """What is seen of a running experiment, for the rules, and by objective id for the books."""

    seen: Seen
    burned: dict[int, Decimal]


def watched(change: Change, at: datetime) -> Watched:
    """A change whose run has begun, as its budgets and those of reached services stand at `at`."""
    reached = [one.service_id for one in reached_from([change.service_id])]
    budgets = gating_budgets([change.service_id, *reached], change.environment, at)
    own = [one for one in budgets if one.service_id == change.service_id and one.measured_minutes]
    marks = [(one.objective_id, one.watermark) for one in own]
    burned = burned_between(marks, change.started_at or at, change.finished_at or at)
    return Watched(
        Seen(
            burned={one.objective: burned.get(one.objective_id, Decimal(0)) for one in own},
            blind=[one.objective for one in own if Flag.NO_DATA in one.flags],
            paging=[one.objective for one in budgets if Flag.BURNING_FAST in one.flags],
        ),
        burned,
    )


def measured_in(service_id: int, environment: str, at: datetime) -> list[GatingBudget]:
    """The gating budgets by which an experiment there would be watched: those that are measured."""
    return [one for one in gating_budgets([service_id], environment, at) if one.measured_minutes]


def who_is_called(experiment: ChaosExperiment, at: datetime) -> set[int]:
    """Ids of who is on call for its service now, else of its team's people, else of who has the duty of managers."""
    service = experiment.change.service
    schedules = schedules_of_service(Actor.system("chaos"), service.slug, at)
    called = {person for one in schedules for person in on_duty(one.pk, at).people}
    if not called and service.team_id is not None:
        called = set(who_work_in(service.team_id))
    return called or set(duty_managers())


@dataclass(frozen=True, slots=True)
class BurnRow:
    """What one objective lost while it ran, in percent of its budget, and in parts of the stake (0 to 100)."""

    objective: str
    percent: str
    of_stake: int


def burn_rows(experiment: ChaosExperiment) -> list[BurnRow]:
    """The most burned first."""
    stake = experiment.change.stake or Decimal(1)
    rows = sorted(experiment.burns.all(), key=lambda one: (-one.share, one.objective.slug))
    return [BurnRow(one.objective.slug, in_percent(one.share), min(100, int(one.share / stake * 100))) for one in rows]


def most_burned(experiment: ChaosExperiment) -> str:
    """The largest share that it burned of a budget, in percent; "" where nothing was counted yet."""
    rows = burn_rows(experiment)
    return rows[0].percent if rows else ""


def is_planner(experiment: ChaosExperiment, actor: Actor) -> bool:
    """Whether the actor asked for it or carries it out: they set its hook up, and need its secret."""
    change = experiment.change
    return actor.id is not None and actor.id in {change.requested_by_id, change.author_id, change.implementer_id}


def why_in_words(abort: ChaosAbort) -> str:
    """Why it was stopped, as a sentence with its figures."""
    if abort.cause == AbortCause.STAKE_BURNT and abort.burned is not None:
        return _("%(objective)s lost %(burned)s %% of its budget since the start; the stake was %(stake)s %%.") % {
            "objective": abort.objective,
            "burned": in_percent(abort.burned),
            "stake": in_percent(abort.experiment.change.stake or Decimal(0)),
        }
    if abort.cause == AbortCause.PAGE_FIRED:
        return _("A page row of %(objective)s fires.") % {"objective": abort.objective}
    if abort.cause == AbortCause.NOT_SEEN:
        said = _("Nothing is measured of %(objective)s any more: what the experiment burns cannot be seen.")
        return said % {"objective": abort.objective or abort.experiment.change.service.slug}
    return _("%(who)s stopped it: %(because)s") % {"who": abort.asked_by, "because": abort.because}


def in_percent(share: Decimal) -> str:
    """A share as percent, with up to four decimals and no zeros at the end."""
    return f"{share * 100:.4f}".rstrip("0").rstrip(".")
