"""The rules of routing that hold now, applied to alerts: whose each is, and how pressing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.environments.queries import canonical
from catalog.services.queries import every_service
from incidents.alerts_in.formats import Told
from incidents.alerts_in.models import AlertSource, RoutingVersion
from incidents.alerts_in.rules import routing
from incidents.alerts_in.rules.severities import priority_of
from itsm.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from catalog.models import Service


LONGEST_SLUG = 63


@dataclass(frozen=True, slots=True)
class Way:
    """Where an alert goes. `number`: the place of the rule, 0 for none; `triage`: nobody knows whose it is."""

    service: "Service | None"
    environment: str
    priority: int
    by: str = ""
    number: int = 0
    team: str = ""
    policy: str = ""
    settle: int | None = None
    drops: bool = False
    apart: bool = False

    @property
    def is_triage(self) -> bool:
        """Whether nobody knows whose it is."""
        return self.service is None and not self.team


class Routes:
    """One version of the rules; services and environments are looked up once for each word."""

    def __init__(self, rules: Sequence[Mapping[str, Any]], version: int) -> None:
        self.rules, self.version = rules, version
        self._services: dict[str, Service | None] = {}
        self._environments: dict[str, str] = {}

    def look_up(self, told: Sequence[Told], source: AlertSource) -> None:
        """Read the services that these may be of, together. One query."""
        names = (*routing.SERVICE_LABELS, source.service_label)
        slugs = {one.labels[name] for one in told for name in names if one.labels.get(name)}
        slugs |= {rule["then"]["service"] for rule in self.rules if "service" in rule["then"]}
        wanted = {slug for slug in slugs if len(slug) <= LONGEST_SLUG} - set(self._services)
        found = every_service().select_related("team", "support_team").filter(slug__in=sorted(wanted))
        self._services |= dict.fromkeys(slugs) | {one.slug: one for one in found}

    def of(self, told: Told, source: AlertSource) -> Way:
        """Where this alert of the source goes."""
        labels = seen_by_rules(told, source)
        routed = routing.route(self.rules, labels, lambda slug: self.service(slug) is not None)
        then = routed.then
        service = self.service(then["service"]) if then.get("service") else None
        has_somebody = service is not None or bool(then.get("team"))
        return Way(
            service=service,
            environment=self.environment(told.labels.get(source.environment_label, "")),
            priority=then.get("priority") or priority_of(told.severity, has_service=has_somebody),
            by=routed.by,
            number=routed.number,
            team=then.get("team", ""),
            policy=then.get("policy", ""),
            settle=then.get("settle", source.settle),
            drops=bool(then.get("drop")),
            apart=bool(then.get("apart")),
        )

    def service(self, slug: str) -> "Service | None":
        """The service of this slug, looked up once."""
        if slug not in self._services:
            found = every_service().select_related("team", "support_team").filter(slug=slug).first()
            self._services[slug] = found
        return self._services[slug]

    def environment(self, word: str) -> str:
        """As the register calls it; a word that it does not know stays as it is."""
        if word and word not in self._environments:
            try:
                self._environments[word] = canonical(word)
            except InvalidInput:
                self._environments[word] = word.lower()[:63]
        return self._environments[word] if word else ""


def seen_by_rules(told: Told, source: AlertSource) -> dict[str, str]:
    """The labels that rules are asked about: the alert's, and which source it is of. The source's label of the service
    is called `service` as well."""
    labels = {**told.labels, "alert_source": source.slug}
    if told.severity:
        labels.setdefault("severity", told.severity)
    named = told.labels.get(source.service_label, "")
    return {**labels, "service": named} if named else labels


def held() -> Routes:
    """The newest version; none: every alert goes by its label. One query."""
    newest = RoutingVersion.objects.order_by("-version").first()
    return Routes([], 0) if newest is None else Routes(newest.rules, newest.version)
