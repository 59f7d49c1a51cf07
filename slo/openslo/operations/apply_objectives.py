"""One objective of an import: whether it may be declared here, and what has to change for it."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from catalog.environments.queries import UnknownEnvironment, canonical
from itsm.kernel.actors import Actor
from slo.measuring.models import DataSource
from slo.objectives import permissions
from slo.objectives.models import Objective
from slo.objectives.operations.objectives import create_objective, edit_objective
from slo.objectives.operations.retiring import revive_objective
from slo.objectives.queries.members import MemberTerms, current_members
from slo.openslo.formats import PROMETHEUS, ObjectiveDefinition
from slo.openslo.operations.apply_indicators import IndicatorApplier, unknown_service
from slo.openslo.operations.apply_terms import (
    CannotDeclare,
    Change,
    begun,
    columns_of,
    differences,
    member_terms,
    with_own_target,
)

if TYPE_CHECKING:
    from catalog.models import Service

_LONGEST_DESCRIPTION = 1050
_ENVIRONMENT = "metadata.annotations['headroom/environment']"


class Objectives:
    """Declares them one by one; `touched` are the ids of those to be evaluated at the end."""

    def __init__(
        self,
        actor: Actor,
        at: datetime,
        set_name: str,
        adopt: bool,
        services: "dict[str, Service]",
        source: DataSource | None = None,
    ) -> None:
        self.actor, self.at, self.set_name, self.adopt, self.services = actor, at, set_name, adopt, services
        self.indicator_applier = IndicatorApplier(actor, source)
        self.touched: list[int] = []

    def declare(self, wanted: ObjectiveDefinition, known: Objective | None) -> Change:
        """Made, changed or left; `known` is the one of this slug. Raises CannotDeclare and what operations raise."""
        service = self.services.get(wanted.service)
        if service is None:
            missing = unknown_service(wanted.service, self.services, "spec.service")
            missing.more = list(self._without_source(wanted))
            raise missing
        environment = _environment(wanted)
        self._check(wanted, known, service, environment)
        place, get_or_create = wanted.document, self.indicator_applier.get_or_create
        indicator = get_or_create(wanted.indicator, place, "spec.indicator") if wanted.indicator else None
        members = [
            member_terms(one, get_or_create(one.indicator, place, f"spec.objectives[{number}].indicator"))
            for number, one in enumerate(wanted.members)
        ]
        columns = with_own_target(columns_of(wanted, indicator), members, known)
        if known is None:
            made = create_objective(
                actor=self.actor, at=self.at, slug=wanted.slug, service=service, environment=environment,
                members=members, managed_by=self.set_name, evaluated=False, **columns,
            )  # fmt: skip
            self.touched.append(made.pk)
            return Change("objective", wanted.slug, "created", begun(columns, members))
        return self._changed(known, columns, members)

    def _without_source(self, wanted: ObjectiveDefinition) -> Iterator[CannotDeclare]:
        """Why indicators cannot be asked for, said at once with what else is wrong."""
        parts = [("spec.indicator", wanted.indicator)] if wanted.indicator else []
        parts += [(f"spec.objectives[{place}].indicator", one.indicator) for place, one in enumerate(wanted.members)]
        for path, indicator in parts:
            try:
                if indicator.source == PROMETHEUS:
                    self.indicator_applier.source_of(indicator.data_source, path)
            except CannotDeclare as error:
                yield error

    def _check(
        self, wanted: ObjectiveDefinition, known: Objective | None, service: "Service", environment: str
    ) -> None:
        """Whether the actor may, and whether it is the same promise."""
        if not permissions.keepers(self.actor, service):
            message = gettext("%(actor_name)s may not set objectives for %(service_slug)s.")
            words = {"actor_name": self.actor.name, "service_slug": service.slug}
            raise CannotDeclare("spec.service", "headroom-not-permitted", message % words)
        if len(wanted.description) > _LONGEST_DESCRIPTION:
            message = gettext("A description has at most %d characters here.") % _LONGEST_DESCRIPTION
            raise CannotDeclare("spec.description", "headroom-description-length", message)
        if known and (known.service_id, known.environment) != (service.pk, environment):
            message = gettext(
                "%(slug)s is an objective of %(service)s in %(environment)s and stays there; choose another name."
            )
            words = {"slug": known.slug, "service": known.service.slug, "environment": known.environment}
            raise CannotDeclare("spec.service", "headroom-refused", message % words)

    def _changed(self, known: Objective, columns: dict[str, Any], members: list[MemberTerms]) -> Change:
        """Left as it is, or edited; one that was retired belongs to nobody and is taken up again."""
        before = current_members(known)
        found = differences(known, before, columns, members)
        retired = known.retired_at is not None
        takes_over = known.managed_by != self.set_name and (retired or (self.adopt and not known.managed_by))
        if known.managed_by != self.set_name and not takes_over:
            if found:
                raise _kept_elsewhere(known)
            return Change("objective", known.slug, "unchanged")
        if not (found or retired or takes_over):
            return Change("objective", known.slug, "unchanged")
        version: int | None = known.version
        if retired:
            version = revive_objective(known, actor=self.actor, at=self.at, evaluated=False).version
            found = {"retired": ("true", "false")} | found
        if takes_over:
            found["managed_by"] = (known.managed_by or "–", self.set_name)
        kept = edit_objective(
            known, actor=self.actor, version=version, at=self.at, evaluated=False, managed_by=self.set_name,
            members=members if "members" in found else None, **columns,
        )  # fmt: skip
        self.touched.append(known.pk)
        return Change("objective", known.slug, "waits" if kept.awaits else "updated", found)


def _environment(wanted: ObjectiveDefinition) -> str:
    """The name of the environment that the file means, by that name or an alias."""
    try:
        return canonical(wanted.environment)
    except UnknownEnvironment as error:
        raise CannotDeclare(_ENVIRONMENT, "headroom-environment", error.detail) from error


def _kept_elsewhere(known: Objective) -> CannotDeclare:
    message = (
        gettext("%(slug)s is declared by the set %(set)s, and differs from this.")
        if known.managed_by
        else gettext("%(slug)s is kept by hand, and differs from this; adopt it to declare it here.")
    )
    words = {"slug": known.slug, "set": known.managed_by}
    return CannotDeclare("metadata.name", "headroom-managed-elsewhere", message % words)
