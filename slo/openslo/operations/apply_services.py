"""Services that objectives name and the catalog lacks: made by the catalog, owned by whom the import or the file says.

A service without an owner is no secret door: it `needs_owner`, and people decide about its changes until it has one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from catalog.services import operations as catalog
from catalog.services import permissions as catalog_policies
from catalog.services.vocabulary import Tier
from itsm.accounts import scopes
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from slo.openslo.formats import Finding, ObjectiveDefinition
from slo.openslo.formats.shapes import is_dns_label
from slo.openslo.operations.apply_terms import NOTHING, Change

if TYPE_CHECKING:
    from catalog.models import Service

_OWNER_LABELS = ("owner", "team")


@dataclass(frozen=True, slots=True)
class NewServices:
    """What to do about services that are missing: `team` owns them all, where one was chosen."""

    actor: Actor
    team: Team | None = None

    def create(
        self, objectives: Iterable[ObjectiveDefinition], services: "dict[str, Service]"
    ) -> Iterator[tuple[Change, Finding | None]]:
        """Makes each once and adds it to `services`; with a warning for one that nobody owns.

        Makes none for those who may not add services: their objectives say then what is missing.
        """
        if not may_create(self.actor):
            return
        for objective in objectives:
            slug = objective.service
            if slug in services or not is_dns_label(slug):
                continue
            team = self._owner(objective)
            services[slug] = catalog.create_service(
                actor=self.actor, slug=slug, name=slug, tier=Tier.SUPPORTING, team=team, needs_owner=team is None
            )
            owner = (NOTHING, team.slug if team else gettext("nobody yet"))
            yield Change("service", slug, "created", {"team": owner}), None if team else _nobodys(objective)

    def _owner(self, objective: ObjectiveDefinition) -> Team | None:
        """The team that was chosen, that the file's labels name, or the only one of whoever imports."""
        if self.team is not None:
            return self.team
        said = [word for label in _OWNER_LABELS for word in objective.labels.get(label, ())]
        named = Team.objects.filter(slug__in=said).order_by("slug").first() if said else None
        if named is None and len(self.actor.teams) == 1:
            return Team.objects.filter(pk__in=self.actor.teams).first()
        return named


def may_create(actor: Actor) -> bool:
    """Whether role and token let this actor add services to the catalog. Raises nothing."""
    return catalog_policies.service_authors(actor) and actor.may_use(scopes.CATALOG_WRITE)


def _nobodys(objective: ObjectiveDefinition) -> Finding:
    message = gettext(
        "%(slug)s is made, and nobody owns it yet: people decide about its changes until a team does. Choose the team "
        "with the import, or in the catalog."
    )
    place = objective.document.place("spec.service")
    rule = "headroom-service-needs-owner"
    return Finding(str(objective.document), place, rule, message % {"slug": objective.service}, "warning")
