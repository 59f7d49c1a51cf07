"""One import under way: each document by itself, in the order that they build on each other, findings gathered."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext

from catalog.services.queries import visible_services
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError
from itsm.locks import AdvisoryLock
from slo.measuring.models import DataSource
from slo.measuring.queries.trying import refusal_of
from slo.objectives.models import Objective
from slo.objectives.operations.evaluation import lock_budgets_for_evaluation
from slo.objectives.operations.retiring import retire_objective
from slo.objectives.queries.members import with_members
from slo.openslo import formats
from slo.openslo.formats.definitions import Bundle, DocumentRef, Finding
from slo.openslo.formats.grouping import NO_GROUPS
from slo.openslo.operations.apply_indicators import apply_service, apply_source
from slo.openslo.operations.apply_objectives import Objectives
from slo.openslo.operations.apply_services import NewServices
from slo.openslo.operations.apply_terms import CannotDeclare, Change, path_of, place_of

ADDRESS_REFUSED = "headroom-address-refused"


class Applier:
    """One import under way: `changes` and `findings` so far, `touched` ids of objectives to evaluate."""

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
        """Whether an error stands among the findings."""
        return any(one.severity == "error" for one in self.findings)

    def run(self, bundle: Bundle, *, prune: bool, new_services: NewServices | None = None) -> None:
        """Do all that the files declare, within the caller's transaction; what is refused becomes a finding.

        `prune` retires what the set declares no more, unless something failed.
        """
        with connection.cursor() as cursor:  # imports take turns, so that they never wait for each other in a circle
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.DECLARATION])
        services = {one.slug: one for one in visible_services(self.actor)}
        for source in bundle.data_sources:
            if source.type.lower() == formats.PROMETHEUS:
                self._do(source.document, lambda source=source: apply_source(source, actor=self.actor))  # type: ignore[misc]
                if refusal := refusal_of(source.url):
                    place = source.document.place("spec.connectionDetails")
                    self.findings.append(Finding(str(source.document), place, ADDRESS_REFUSED, refusal, "warning"))
            else:
                self._skip(source.document)
        for service in bundle.services:
            self._do(service.document, lambda one=service: apply_service(one, services, actor=self.actor))  # type: ignore[misc]
        for made, warning in new_services.create(bundle.objectives, services) if new_services else ():
            self.changes.append(made)
            self.findings += [warning] if warning else []
        objectives = Objectives(self.actor, self.at, self.set_name, self.adopt, services, self.source)
        standing = _stored([one.slug for one in bundle.objectives])
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


def _stored(slugs: list[str]) -> dict[str, Objective]:
    found = with_members(Objective.objects.filter(slug__in=slugs).select_related("service", "indicator__data_source"))
    return {one.slug: one for one in found}
