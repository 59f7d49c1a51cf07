"""Guards: what a verdict is measured by is not relaxed by programs, by people with an interest, or by one person alone.

Making it stricter applies at once. What could relax it (`might_relax`) is refused to programs and to people
with an interest in an open change that reads it, in every state; and once something was measured it waits for a second
person. An objective that was never measured may be set right by its author within the hour.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from itsm.accounts import interest
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from slo.engine.windows import ALERT_ROWS
from slo.measuring.models import DataSource, Indicator
from slo.objectives.models import Objective
from slo.objectives.operations.terms import COLUMNS
from slo.objectives.queries.members import MemberTerms

EDIT = "slo: change an objective"
RETIRE = "slo: retire an objective"
EDIT_SOURCE = "slo: change a data source"

_AUTHOR_SETS_RIGHT_WITHIN = timedelta(hours=1)
_LONGEST_WORDS = 300


def might_relax(before: Mapping[str, Any], after: Mapping[str, Any], *, other_members: bool) -> bool:
    """Whether these terms (columns, `gating`, `alert_rows`) could let a change through that now waits.

    Only a higher target, more alert rows and gating on are certainly stricter.
    """
    changed = {name for name, value in after.items() if value != before[name]}
    if other_members or changed & (set(COLUMNS) - {"target"}) or after["target"] < before["target"]:
        return True
    every = {row.long for row in ALERT_ROWS}
    stood, stand = (every if rows is None else set(rows) for rows in (before["alert_rows"], after["alert_rows"]))
    rows_gone = stood - stand
    return bool(rows_gone) or (before["gating"] and not after["gating"])


def must_wait(objective: Objective, actor: Actor, at: datetime, *, doing: str) -> bool:
    """Whether a second person confirms this. `objective`: gating and in force, as it stands before.

    NotPermitted for programs and people with an interest.
    """
    if actor.is_system:
        return False
    measured = objective.counted_periods.filter(series__began_minute__isnull=False).exists()
    if not measured and _is_fresh_work_of(objective, actor, at):
        return False
    interest.require_no_interest(actor, read_by_changes_of([objective.service_id]), doing=doing)
    return measured


def require_no_stake_in_beginning(objective: Objective, actor: Actor) -> None:
    """Raise NotPermitted for who waits for an answer about a service that nothing decides about yet.

    There people decide, as nothing is measured; the first objective that decides would let the change go without them.
    """
    if actor.is_system or not objective.gating:
        return
    beside = (
        Objective.objects.in_force()
        .exclude(pk=objective.pk)
        .filter(
            service=objective.service_id,
            environment=objective.environment,
            gating=True,
            budget__gates_since__isnull=False,
        )
    )
    if beside.exists():
        return
    stake = interest.stake_of(actor, read_by_changes_of([objective.service_id]))
    if stake is not None:
        raise NotPermitted(
            gettext(
                "%(actor_name)s has an interest in %(reference)s, which people decide about while nothing is measured; "
                "somebody without one sets the first objective that decides. One that does not gate is free to all."
            )
            % {"actor_name": actor.name, "reference": stake.reference}
        )


def _is_fresh_work_of(objective: Objective, actor: Actor, at: datetime) -> bool:
    mine = objective.created_by_id is not None and actor.person_id in interest.natural_persons(
        [objective.created_by_id]
    )
    return mine and at - objective.created_at < _AUTHOR_SETS_RIGHT_WITHIN


def propose_edit(
    stands: Objective, wanted: Objective, members: Sequence[MemberTerms] | None, *, actor: Actor, at: datetime
) -> Confirmation:
    """`stands`: as it is kept; `wanted`: as it was to be. `members`: those that it is to have, None for the same.

    Raises NotPermitted and InvalidInput.
    """
    changed = {
        field.attname: getattr(wanted, field.attname)
        for field in Objective._meta.concrete_fields
        if field.attname not in {"version", "terms_version"}
        and getattr(wanted, field.attname) != getattr(stands, field.attname)
    }
    payload = {
        "version": stands.version,
        "columns": changed,
        "members": None if members is None else [_plain_member(one) for one in members],
    }
    differences = [_difference(stands, name, getattr(stands, name), value) for name, value in changed.items()]
    if members is not None:
        differences.append(Difference(gettext("Members"), gettext("as before"), _members_shown(members)))
    return _proposed(stands, EDIT, gettext("Change %(objective)s"), payload, differences, actor=actor, at=at)


def propose_retirement(objective: Objective, *, actor: Actor, at: datetime) -> Confirmation:
    """Ask a second person whether it may end. Raises NotPermitted."""
    differences = [Difference(gettext("In force"), gettext("yes"), gettext("no: it decides about nothing any more"))]
    payload = {"version": objective.version}
    return _proposed(objective, RETIRE, gettext("Retire %(objective)s"), payload, differences, actor=actor, at=at)


def propose_source(
    source: DataSource, before: Mapping[str, Any], fields: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Confirmation:
    """Another place, or another sign-in there, could tell another history. Raises NotPermitted and InvalidInput."""
    services = _services_measured_from(source)
    changed = {name: value for name, value in fields.items() if value != before[name]}
    return propose(
        source,
        actor=actor,
        at=at,
        action=EDIT_SOURCE,
        subject=gettext("Change the data source %(source)s") % {"source": source.slug},
        payload={"version": source.version, "fields": changed},
        differences=[_difference(source, name, before[name], value) for name, value in changed.items()],
        services=read_by_changes_of(services),
    )


def source_must_wait(source: DataSource, actor: Actor) -> bool:
    """Whether a gating objective is measured from here. NotPermitted for programs and people with an interest."""
    if actor.is_system:
        return False
    services = _services_measured_from(source)
    if services:
        interest.require_no_interest(
            actor, read_by_changes_of(services), doing=gettext("change where this is measured")
        )
    return bool(services)


def terms_of(confirmation: Confirmation) -> dict[str, Any]:
    """What `edit_objective` takes: the columns, and the members where they change."""
    kept = confirmation.payload
    said = {
        name: _field(Objective, name).to_python(value) if value is not None else None
        for name, value in kept["columns"].items()
    }
    if kept["members"] is None:
        return said
    indicators = Indicator.objects.in_bulk([one["indicator"] for one in kept["members"]])
    return said | {"members": [_member(one, indicators[one["indicator"]]) for one in kept["members"]]}


def _services_measured_from(source: DataSource) -> list[int]:
    measured = Objective.objects.in_force().filter(
        gating=True,
        counted_periods__series__members__indicator__data_source=source,
        counted_periods__series__began_minute__isnull=False,
    )
    return sorted(set(measured.values_list("service_id", flat=True)))


def _proposed(
    objective: Objective,
    action: str,
    subject: str,
    payload: Mapping[str, Any],
    differences: Sequence[Difference],
    *,
    actor: Actor,
    at: datetime,
) -> Confirmation:
    return propose(
        objective,
        actor=actor,
        at=at,
        action=action,
        subject=subject % {"objective": objective.name},
        payload=payload,
        differences=differences,
        services=read_by_changes_of([objective.service_id]),
        team=objective.service.team,
    )


def _plain_member(one: MemberTerms) -> dict[str, Any]:
    return {
        "indicator": one.indicator.pk,
        "target": one.target,
        "weight": one.weight,
        "time_slice_target": one.time_slice_target,
    }


def _member(kept: Mapping[str, Any], indicator: Indicator) -> MemberTerms:
    own = kept["time_slice_target"]
    return MemberTerms(
        indicator, Decimal(kept["target"]), Decimal(kept["weight"]), None if own is None else Decimal(own)
    )


def _members_shown(members: Sequence[MemberTerms]) -> str:
    return ", ".join(f"{one.indicator.slug} {_shown(one.target)} × {_shown(one.weight)}" for one in members) or "–"


def _field(model: type[Any], name: str) -> Any:
    return model._meta.get_field(name.removesuffix("_id"))


def _difference(record: Any, name: str, before: Any, after: Any) -> Difference:
    label = str(_field(type(record), name).verbose_name).capitalize()
    if name == "indicator_id":
        slugs = dict(Indicator.objects.filter(pk__in=[before or 0, after or 0]).values_list("pk", "slug"))
        return Difference(label, slugs.get(before, "–"), slugs.get(after, "–"))
    return Difference(label, _shown(before), _shown(after))


def _shown(value: Any) -> str:
    match value:
        case None | "" | []:
            return "–"
        case bool():
            return gettext("yes") if value else gettext("no")
        case Decimal():
            return f"{value.normalize():f}"
        case list():
            return ", ".join(map(str, value))
    return str(value)[:_LONGEST_WORDS]
