"""What an experiment showed, and the problem that it found."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from changes.change.models import Change
from changes.change.workflow import Status
from changes.chaos import permissions
from changes.chaos.models import ChaosExperiment
from changes.chaos.operations.watching import note_burns
from changes.chaos.queries import watched
from changes.chaos.vocabulary import Finding
from incidents.problem.operations.opening import open_problem
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.kernel.texts import is_blank

if TYPE_CHECKING:
    from incidents.models import Problem


@transaction.atomic
def conclude(experiment: ChaosExperiment, *, actor: Actor, finding: str, shown: str, at: datetime) -> ChaosExperiment:
    """Say what became of the hypothesis, once it has run. Said again, the last word counts; all of them stand in the
    history. It moves no verdict: how the change went is said where it is closed.

    Raises NotPermitted, WrongState (it has not run, or may still run), InvalidInput and MissingInformation.
    """
    if not permissions.concluders(actor, experiment):
        raise NotPermitted(gettext("Who carried the experiment out says what it showed."))
    if finding not in Finding.values or finding == Finding.OPEN:
        raise InvalidInput.about("finding", gettext("Say whether the hypothesis held, did not, or nothing is shown."))
    if is_blank(shown):
        raise MissingInformation(gettext("Say what it showed."))
    change = lifecycle.locked(Change.objects.get(pk=experiment.change_id))
    if change.started_at is None or change.status not in (Status.REVIEWING, Status.CLOSED):
        raise WrongState(
            gettext("%(change)s has not run to its end.") % {"change": change.reference}, state=change.status
        )
    experiment = ChaosExperiment.objects.select_for_update(of=("self",), no_key=True).get(pk=experiment.pk)
    before = experiment.finding or None
    experiment.finding, experiment.shown = finding, shown.strip()
    experiment.concluded_by_id, experiment.concluded_at = actor.id, at
    experiment.save(update_fields=["finding", "shown", "concluded_by", "concluded_at"])
    note_burns(experiment, watched(change, at).burned, at)
    lifecycle.announce(
        change, "experiment_concluded", actor=actor, changes={"finding": [before, finding]}, remark=experiment.shown
    )
    return experiment


@transaction.atomic
def open_finding(experiment: ChaosExperiment, *, actor: Actor, statement: str, at: datetime) -> "Problem":
    """What it found becomes a problem of its service, raised from its change: one for each experiment.

    Raises NotPermitted, MissingInformation (nothing said), WrongState (not concluded yet), Conflict (there is one) and
    what opening a problem raises.
    """
    change = lifecycle.locked(Change.objects.select_related("service").get(pk=experiment.change_id))
    experiment = ChaosExperiment.objects.select_for_update(of=("self",), no_key=True).get(pk=experiment.pk)
    if not permissions.concluders(actor, _with(experiment, change)):
        raise NotPermitted(gettext("Who carried the experiment out opens a problem for what it found."))
    if experiment.finding == Finding.OPEN:
        raise WrongState(gettext("Say first what the experiment showed."), state=change.status)
    if experiment.problem_id is not None:
        raise Conflict(gettext("There is a problem for what this experiment found already."))
    if is_blank(statement):
        raise MissingInformation(gettext("Say what was found."))
    problem = open_problem(
        actor=actor, statement=statement.strip()[:200], symptom=experiment.shown, service=change.service,
        raised_from=[change.reference], at=at,
    )  # fmt: skip
    experiment.problem = problem
    experiment.save(update_fields=["problem"])
    lifecycle.announce(change, "experiment_found", actor=actor, changes={"problem": [None, problem.reference]})
    return problem


def _with(experiment: ChaosExperiment, change: Change) -> ChaosExperiment:
    experiment.change = change
    return experiment
