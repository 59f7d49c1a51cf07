"""Reports that are kept under a name."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.reports import permissions
from incidents.reports.models import SavedReport
from incidents.reports.queries.saved import narrowed_basis
from incidents.reports.vocabulary import Group, Measure, Span
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, StaleVersion
from itsm.kernel.texts import is_blank

MOST_OF_ONE = 100
USUAL = (Measure.OPENED, Measure.RESOLVED, Measure.BACKLOG, Measure.MTTR, Measure.SLA_MET, Measure.SLA_BREACHED)


@transaction.atomic
def save_report(
    *, actor: Actor, name: str, query: str = "", measures: list[str] | None = None, group_by: str = Group.TEAM,
    span: str = Span.LAST_WEEK,
) -> SavedReport:  # fmt: skip
    """A report of one's own. Raises NotPermitted, InvalidInput, Conflict (too many)."""
    if not permissions.makers(actor) or actor.id is None:
        raise NotPermitted(gettext("%(actor_name)s may not keep reports.") % {"actor_name": actor.name})
    if SavedReport.objects.filter(owner=actor.id).count() >= MOST_OF_ONE:
        raise Conflict(gettext("One person has at most %(most)s reports.") % {"most": MOST_OF_ONE})
    chosen = [one.value for one in USUAL] if measures is None else list(measures)
    report = SavedReport(owner_id=actor.id, name=name, query=query, measures=chosen, group_by=group_by, span=span)
    _check(report, actor)
    report.save(force_insert=True)
    record_event("saved_report.saved", report, actor=actor, changes={"query": ["", query], "measures": [[], chosen]})
    return report


@transaction.atomic
def edit_report(report: SavedReport, *, actor: Actor, version: int | None = None, **changes: Any) -> SavedReport:
    """Change name, query, measures, group_by or span. Raises NotPermitted, InvalidInput, StaleVersion, NotFound."""
    current = _held(report, actor, version)
    said = {name: [getattr(current, name), value] for name, value in changes.items() if getattr(current, name) != value}
    for name, value in changes.items():
        setattr(current, name, value)
    _check(current, actor)
    if said:
        current.version += 1
        current.save()
        record_event("saved_report.edited", current, actor=actor, changes=said)
    return current


@transaction.atomic
def remove_report(report: SavedReport, *, actor: Actor, version: int | None = None) -> None:
    """Gone, and nobody gets it by mail. Raises NotPermitted, StaleVersion, NotFound."""
    current = _held(report, actor, version)
    record_event("saved_report.removed", current, actor=actor, changes={"query": [current.query, ""]})
    current.delete()


def _held(report: SavedReport, actor: Actor, version: int | None) -> SavedReport:
    current = SavedReport.objects.select_for_update(no_key=True).filter(pk=report.pk).first()
    if current is None:
        raise NotFound(gettext("There is no such report any more."))
    if not permissions.owners(actor, current):
        raise NotPermitted(gettext("%(actor_name)s may not change this report.") % {"actor_name": actor.name})
    if version is not None and version != current.version:
        raise StaleVersion(
            gettext("The report is at version %(now)s; you read version %(read)s.")
            % {"now": current.version, "read": version},
            version=current.version,
        )
    return current


def _check(report: SavedReport, actor: Actor) -> None:
    """Raise InvalidInput, all at once, for what no report may say."""
    wrong: dict[str, list[str]] = {}
    if is_blank(report.name):
        wrong["name"] = [gettext("Give it a name.")]
    if not report.measures or len(set(report.measures)) != len(report.measures):
        wrong["measures"] = [gettext("Name at least one measure, each once.")]
    elif strange := [one for one in report.measures if one not in Measure.values]:
        wrong["measures"] = [gettext("There is no measure %(name)s.") % {"name": strange[0][:40]}]
    for name, known in (("group_by", Group), ("span", Span)):
        if getattr(report, name) not in known.values:
            wrong[name] = [gettext("Known are %(known)s.") % {"known": ", ".join(known.values)}]
    try:
        narrowed_basis(actor, report.query, timezone.now(), timezone.get_current_timezone())
    except InvalidInput as refusal:
        wrong["query"] = [refusal.detail]
    if wrong:
        raise InvalidInput(gettext("This cannot be a report."), wrong)
