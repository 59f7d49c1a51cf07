"""What is watched of an item, and the limit that it must not meet."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from catalog.capacity import permissions
from catalog.capacity.models import Forecast, Measure
from catalog.capacity.vocabulary import MOST, Step
from catalog.cmdb.models import CI
from catalog.cmdb.vocabulary import Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.slugs import free_slug

EDITABLE = ("name", "unit", "limit", "side", "step", "season", "fold", "lead_days")
RESERVED = frozenset({"new", "of", "service"})  # addresses of their own
_JUDGED_BY = ("limit", "side", "step", "season", "fold")  # what a kinder forecast may come of
_FITTING = {Step.HOUR: (1, 24), Step.DAY: (1, 7)}


@transaction.atomic
def add_measure(*, actor: Actor, ci: CI, name: str, limit: float, **said: Any) -> Measure:
    """A measure of an item; `said`: unit, side, step, season, fold, lead_days. Its slug comes of its name.

    Raises NotPermitted, InvalidInput, WrongState (a retired item).
    """
    measure = Measure(ci=ci, name=name.strip(), limit=limit, **said)
    _require_keeper(measure, actor)
    say(measure, _JUDGED_BY, actor)
    if ci.status == Status.RETIRED or ci.merged_into_id is not None:
        raise WrongState(
            gettext("%(reference)s is retired: nothing new is watched of it.") % {"reference": ci.reference}
        )
    measure.slug = free_slug(measure.name, Measure.objects, otherwise="measure", reserved=RESERVED)
    _require_meaningful(measure)
    measure.save(force_insert=True)
    changes = {"name": [None, measure.name], "limit": [None, measure.limit], "ci": [None, ci.reference]}
    return lifecycle.created(measure, actor=actor, changes=changes)


def edit_measure(measure: Measure, *, actor: Actor, version: int | None, **said: Any) -> Measure:
    """Change name, unit, limit, side, step, season, fold, lead_days; the next forecast follows it, and what was
    forecast by another side, step, season or fold is gone.

    Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired.
    """
    _require_keeper(measure, actor)
    with lifecycle.edit(measure, actor=actor, version=version) as current:
        before = judged_by(current)
        for name in EDITABLE:
            if name in said:
                setattr(current, name, said[name].strip() if isinstance(said[name], str) else said[name])
        _require_meaningful(current)
        after = judged_by(current)
        say(current, [name for name, value in after.items() if before[name] != value], actor)
        if {**before, "limit": None} != {**after, "limit": None}:  # of another limit alone a forecast says so itself
            Forecast.objects.filter(measure=current).delete()
    return current


def retire_measure(measure: Measure, *, actor: Actor, version: int | None, at: datetime) -> Measure:
    """It takes no points and is forecast no more. Raises NotPermitted, StaleVersion, VersionRequired."""
    _require_keeper(measure, actor)
    with lifecycle.edit(measure, actor=actor, version=version, event="retired") as current:
        if current.retired_at is None:
            current.retired_at = at
            say(current, ["retired"], actor)
    return current


def revive_measure(measure: Measure, *, actor: Actor, version: int | None) -> Measure:
    """It is watched again, judged as it stands: by the words of those who said how, and of who says so now.

    Raises NotPermitted, StaleVersion, VersionRequired.
    """
    _require_keeper(measure, actor)
    with lifecycle.edit(measure, actor=actor, version=version, event="revived") as current:
        if current.retired_at is not None:
            current.retired_at = None
            say(current, ["retired"], actor)
    return current


def judged_by(measure: Measure) -> dict[str, Any]:
    """By what it is judged, name by name. Raises nothing."""
    return {name: getattr(measure, name) for name in _JUDGED_BY}


def say(measure: Measure, names: Collection[str], actor: Actor) -> None:
    """From now on these are this actor's word; everybody whose word stands counts where a forecast is weighed. The
    caller saves the measure. Raises nothing."""
    others = {name: by for name, by in measure.set_by.items() if name not in names}
    measure.set_by = others if actor.id is None else others | dict.fromkeys(names, actor.id)


def _require_keeper(measure: Measure, actor: Actor) -> None:
    if not permissions.keepers(actor, measure):
        raise NotPermitted(
            gettext("%(actor_name)s may not say what is watched of %(reference)s; its owner team may.")
            % {"actor_name": actor.name, "reference": measure.ci.reference}
        )


def _require_meaningful(measure: Measure) -> None:
    """InvalidInput, by field, for what cannot be meant."""
    try:
        measure.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise InvalidInput(gettext("Please look at the marked fields."), error.message_dict) from error
    if not abs(measure.limit) <= MOST:  # what is no number neither
        raise InvalidInput.about("limit", gettext("The limit is a number from -1e30 to 1e30."))
    if not 1 <= measure.lead_days <= 365:
        raise InvalidInput.about("lead_days", gettext("Say 1 to 365 days ahead."))
    if measure.season not in _FITTING[Step(measure.step)]:
        raise InvalidInput.about(
            "season", gettext("Hours repeat each day (24) or not (1), days each week (7) or not (1).")
        )
