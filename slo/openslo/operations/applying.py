"""Importing OpenSLO: the files are what is wanted, the database is made to say the same.

All or nothing: everything is done in one transaction, and undone when there is an error anywhere, or
when it was only to be seen what would happen (`dry_run`).
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from slo.measuring.models import DataSource
from slo.measuring.queries.trying import refusal_of
from slo.objectives import permissions
from slo.objectives.operations.evaluation import evaluate
from slo.openslo import formats
from slo.openslo.formats.definitions import Finding, Mode
from slo.openslo.formats.importing import Files
from slo.openslo.operations.applier import ADDRESS_REFUSED, Applier
from slo.openslo.operations.apply_indicators import nearest
from slo.openslo.operations.apply_services import NewServices
from slo.openslo.operations.apply_terms import CannotDeclare
from slo.openslo.operations.outcome import Outcome
from slo.openslo.queries import groups_for, values_for

USUAL_SET = "openslo"
# What fits into the time of one request, with room; the command takes any number.
MAX_IN_A_REQUEST = 500
_NO_SOURCE = "headroom-no-data-source"


class _Undo(Exception):
    """Takes everything back that this import did."""


def apply(
    files: Files,
    *,
    actor: Actor,
    at: datetime,
    mode: Mode = "strict",
    set_name: str = USUAL_SET,
    prune: bool = False,
    adopt: bool = False,
    dry_run: bool = False,
    most: int | None = None,
    source: str = "",
    create_services: bool = False,
    team: str = "",
) -> Outcome:
    """Make data sources, services, indicators and objectives be as the files say.

    Objectives belong to `set_name`, and `prune` retires those of the set that the files no longer name.
    `adopt` takes over what is kept by hand. `most`: refuse more objectives than so many. `source`: slug of the data
    source of queries that name none. `create_services` makes the services that the catalog lacks, owned by the team of
    the slug `team`, by the one that the file's labels name, or by the importer's only one. Importing the
    same files again changes nothing. What cannot be done is a finding with its document, never raised;
    NotPermitted for those who may not define objectives at all, InvalidInput for a source or team that is not there.
    """
    if not permissions.authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not define objectives.") % {"actor_name": actor.name})
    asked_of, owner = _source_called(source), _team_called(team)
    bundle = formats.read(
        files, mode, values_for(actor, asked_of), known_sources=list(DataSource.objects.values_list("slug", flat=True)),
        in_a_request=most is not None, groups_of=groups_for(asked_of),
    )  # fmt: skip
    if asked_of is not None:
        refusal = refusal_of(asked_of.url)
        worth = [Finding("", "source", ADDRESS_REFUSED, refusal, "warning")] if refusal else []
        kept = (one for one in bundle.findings if one.rule != _NO_SOURCE)
        bundle = replace(bundle, findings=(*worth, *kept))
    if most is not None and len(bundle.objectives) > most:
        message = gettext("%(count)d objectives are more than the %(most)d of one request; use the command.")
        too_many = CannotDeclare("", "headroom-too-many", message % {"count": len(bundle.objectives), "most": most})
        return Outcome((), (*bundle.findings, too_many.finding(bundle.objectives[most].document)), written=False)
    if most is not None and not (bundle.services or bundle.data_sources or bundle.objectives or bundle.findings):
        nothing = CannotDeclare("", "headroom-nothing", gettext("There is no document in this request."))
        return Outcome((), (nothing.finding("body#1"),), written=False)
    applier = Applier(actor, at, set_name, adopt, list(bundle.findings), asked_of)
    new_services = NewServices(actor, owner) if create_services else None
    try:
        with transaction.atomic():
            applier.run(bundle, prune=prune, new_services=new_services)
            if dry_run or applier.has_failed:
                raise _Undo
            evaluate(at=at, objectives=applier.touched)
    except _Undo:
        pass
    failed = applier.has_failed
    changes = () if failed else tuple(applier.changes)
    findings = tuple(sorted(applier.findings, key=_place))
    return Outcome(changes, findings, written=not failed and not dry_run)


def _place(finding: Finding) -> tuple[str, int]:
    """The order of the files."""
    file, _, number = finding.document.rpartition("#")
    return file, int(number) if number.isdecimal() else 0


def _source_called(slug: str) -> DataSource | None:
    if not slug:
        return None
    known = {one.slug: one for one in DataSource.objects.all()}
    if slug not in known:
        message = gettext("There is no data source %(slug)s. The nearest: %(nearest)s.")
        raise InvalidInput.about("source", message % {"slug": slug[:63], "nearest": nearest(slug, known)})
    return known[slug]


def _team_called(slug: str) -> Team | None:
    if not slug:
        return None
    found = Team.objects.filter(slug=slug).first()
    if found is None:
        known = Team.objects.values_list("slug", flat=True)
        message = gettext("There is no team %(slug)s. The nearest: %(nearest)s.")
        raise InvalidInput.about("team", message % {"slug": slug[:63], "nearest": nearest(slug, list(known))})
    return found
