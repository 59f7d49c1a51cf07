"""Importing OpenSLO: the files are what is wanted, the database is made to say the same.

All or nothing: everything is done in one transaction, and undone when there is an error anywhere, or
when it was only to be seen what would happen (`dry_run`).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext

from catalog.services.queries import visible_services
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, InvalidInput, NotPermitted
from itsm.locks import AdvisoryLock
from slo.measuring.models import DataSource
from slo.measuring.queries.trying import refusal_of
from slo.objectives import permissions
from slo.objectives.models import Objective
from slo.objectives.operations.evaluation import evaluate, lock_budgets_for_evaluation
from slo.objectives.operations.retiring import retire_objective
from slo.objectives.queries.members import with_members
from slo.openslo import formats
from slo.openslo.formats.definitions import Bundle, DocumentRef, Finding, Mode
from slo.openslo.formats.grouping import NO_GROUPS
from slo.openslo.formats.importing import Files
from slo.openslo.operations.apply_indicators import apply_service, apply_source, nearest
from slo.openslo.operations.apply_objectives import Objectives
from slo.openslo.operations.apply_services import NewServices
from slo.openslo.operations.apply_terms import CannotDeclare, Change, path_of, place_of
from slo.openslo.queries import groups_for, values_for

USUAL_SET = "openslo"
# What fits into the time of one request, with room; the command takes any number.
MAX_IN_A_REQUEST = 500
MAX_FINDINGS = 200  # that anybody is shown at once
_NO_SOURCE, _REFUSED = "headroom-no-data-source", "headroom-address-refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`written`: false after an error and after a dry run. Without an error a dry run lists what would change.

    `findings` are all there are; what is shown of them is the first `MAX_FINDINGS` and how many there are.
    """

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    written: bool

    def slugs(self, action: str) -> list[str]:
        """Of declared things: indicators come and go with their objectives."""
        return [one.slug for one in self.changes if one.action == action and one.kind != "indicator"]

    @property
    def errors(self) -> list[Finding]:
        """Findings that kept something from being done."""
        return [one for one in self.findings if one.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """Findings that kept nothing from being done."""
        return [one for one in self.findings if one.severity == "warning"]

    @property
    def first_errors(self) -> list[Finding]:
        """As many errors as a page or an answer shows."""
        return self.errors[:MAX_FINDINGS]

    @property
    def first_warnings(self) -> list[Finding]:
        """As many warnings as a page or an answer shows."""
        return self.warnings[:MAX_FINDINGS]

    @property
    def first_findings(self) -> tuple[Finding, ...]:
        """As many findings as a page or an answer shows."""
        return self.findings[:MAX_FINDINGS]


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
        worth = [Finding("", "source", _REFUSED, refusal, "warning")] if refusal else []
        kept = (one for one in bundle.findings if one.rule != _NO_SOURCE)
        bundle = replace(bundle, findings=(*worth, *kept))
    if most is not None and len(bundle.objectives) > most:
        message = gettext("%(count)d objectives are more than the %(most)d of one request; use the command.")
        too_many = CannotDeclare("", "headroom-too-many", message % {"count": len(bundle.objectives), "most": most})
        return Outcome((), (*bundle.findings, too_many.finding(bundle.objectives[most].document)), written=False)
    if most is not None and not (bundle.services or bundle.data_sources or bundle.objectives or bundle.findings):
        nothing = CannotDeclare("", "headroom-nothing", gettext("There is no document in this request."))
        return Outcome((), (nothing.finding("body#1"),), written=False)
    declaring = _Applier(actor, at, set_name, adopt, list(bundle.findings), asked_of)
    new_services = NewServices(actor, owner) if create_services else None
    try:
        with transaction.atomic():
            declaring.run(bundle, prune=prune, new_services=new_services)
            if dry_run or declaring.has_failed:
                raise _Undo
            evaluate(at=at, objectives=declaring.touched)
    except _Undo:
        pass
    failed = declaring.has_failed
    changes = () if failed else tuple(declaring.changes)
    findings = tuple(sorted(declaring.findings, key=_place))
    return Outcome(changes, findings, written=not failed and not dry_run)


def _place(finding: Finding) -> tuple[str, int]:
    """The order of the files."""
    file, _, number = finding.document.rpartition("#")
    return file, int(number) if number.isdecimal() else 0


class _Applier:
    """One import under way."""

    def __init__(
        self,
        actor: Actor,
        at: datetime,
        set_name: str,
        adopt: bool,
        findings: list[Finding],
        source: DataSource | None,
    ) -> None:
        self.actor, self.at, self.set_name, self.adopt, self.source = actor, at, set_name, adopt, source
        self.findings = findings
        self.changes: list[Change] = []
        self.touched: list[int] = []

    @property
    def has_failed(self) -> bool:
        return any(one.severity == "error" for one in self.findings)

    def run(self, bundle: Bundle, *, prune: bool, new_services: NewServices | None = None) -> None:
        with connection.cursor() as cursor:  # imports take turns, so that they never wait for each other in a circle
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.DECLARATION])
        services = {one.slug: one for one in visible_services(self.actor)}
        for source in bundle.data_sources:
            if source.type.lower() == formats.PROMETHEUS:
                self._do(source.document, lambda source=source: apply_source(source, actor=self.actor))  # type: ignore[misc]
                if refusal := refusal_of(source.url):
                    place = source.document.place("spec.connectionDetails")
                    self.findings.append(Finding(str(source.document), place, _REFUSED, refusal, "warning"))
            else:
                self._skip(source.document)
        for service in bundle.services:
            self._do(service.document, lambda one=service: apply_service(one, services, actor=self.actor))  # type: ignore[misc]
        for made, warning in new_services.create(bundle.objectives, services) if new_services else ():
            self.changes.append(made)
            self.findings += [warning] if warning else []
        objectives = Objectives(self.actor, self.at, self.set_name, self.adopt, services, self.source)
        standing = _standing([one.slug for one in bundle.objectives])
        lock_budgets_for_evaluation([one.pk for one in standing.values()])
        for wanted in bundle.objectives:
            known = standing.get(wanted.slug)
            if not self._do(wanted.document, lambda one=wanted, old=known: objectives.declare(one, old)):  # type: ignore[misc]
                objectives.indicator_applier.forget()
        self.changes += objectives.indicator_applier.changes
        self.findings += objectives.indicator_applier.warnings
        self.touched = objectives.touched
        if prune and not self.has_failed:
            self._prune({one.slug for one in bundle.objectives})

    def _skip(self, document: object) -> None:
        message = gettext("Only data sources of the type Prometheus are kept.")
        self.findings.append(Finding(str(document), "spec.type", "headroom-data-source-type", message, "warning"))

    def _do(self, document: DocumentRef | str, declare_it: Callable[[], Change]) -> bool:
        """Do it by itself; False after a refusal, which becomes a finding about the document."""
        try:
            with transaction.atomic():
                self.changes.append(declare_it())
            return True
        except CannotDeclare as error:
            self.findings += [one.finding(document) for one in error.more]
            finding = error.finding(document)
        except DomainError as error:
            path = place_of(document, path_of(getattr(error, "errors", {})))
            finding = Finding(str(document), path, "headroom-refused", error.detail, "error")
        except (DataError, IntegrityError):
            message = gettext("The database takes no such value.")
            finding = Finding(str(document), place_of(document, "spec"), "headroom-refused", message, "error")
        self.findings.append(finding)
        return False

    def _prune(self, declared: Collection[str]) -> None:
        if any(one.rule == NO_GROUPS for one in self.findings):
            message = gettext(
                "No series is known of what is declared in groups: pruning would retire the groups there are, and is "
                "refused."
            )
            self.findings.append(Finding("", "", "headroom-no-groups", message, "error"))
            return
        if not declared:
            message = gettext("No objective is declared: pruning would retire the whole set, and is refused.")
            self.findings.append(Finding("", "", "headroom-nothing-declared", message, "error"))
            return
        ours = Objective.objects.in_force().filter(managed_by=self.set_name).exclude(slug__in=declared)
        for one in ours.select_related("service").order_by("slug"):
            self._do(one.slug, lambda one=one: self._retired(one))  # type: ignore[misc]

    def _retired(self, objective: Objective) -> Change:
        kept = retire_objective(objective, actor=self.actor, version=objective.version, at=self.at)
        return Change("objective", objective.slug, "waits" if kept.awaits else "pruned")


def _source_called(slug: str) -> DataSource | None:
    if not slug:
        return None
    known = {one.slug: one for one in DataSource.objects.all()}
    if slug not in known:
        message = gettext("There is no data source %(slug)s. The nearest: %(nearest)s.")
        sentence = message % {"slug": slug[:63], "nearest": nearest(slug, known)}
        raise InvalidInput(sentence, {"source": [sentence]})
    return known[slug]


def _team_called(slug: str) -> Team | None:
    if not slug:
        return None
    found = Team.objects.filter(slug=slug).first()
    if found is None:
        known = Team.objects.values_list("slug", flat=True)
        message = gettext("There is no team %(slug)s. The nearest: %(nearest)s.")
        sentence = message % {"slug": slug[:63], "nearest": nearest(slug, list(known))}
        raise InvalidInput(sentence, {"team": [sentence]})
    return found


def _standing(slugs: list[str]) -> dict[str, Objective]:
    found = with_members(Objective.objects.filter(slug__in=slugs).select_related("service", "indicator__data_source"))
    return {one.slug: one for one in found}
