"""What the start-up page shows: how far a company is, and of each service whether the gate may rule."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from catalog.environments.queries import production_names
from catalog.services.queries import visible_services
from changes.back_tests.rules import quadrant
from changes.change.models import Deployment, Evaluation, GateShadow
from changes.change.permissions import shadow_keepers
from changes.change.queries.shadows import shadows_of
from changes.delivery.models import DeploymentEvent
from changes.delivery.vocabulary import Result, ToldBy
from changes.gate.vocabulary import Outcome
from changes.policies.queries import ruling
from changes.start_up.models import PastAnswer
from changes.start_up.rules import (
    ENOUGH_DAYS,
    ENOUGH_DECISIONS,
    LOOKED_BACK,
    MOST_ESCAPED,
    MOST_FRICTION,
    Figures,
    Missing,
    what_is_missing,
)
from itsm.kernel.actors import Actor
from slo.objectives.queries.as_it_was import measured_days

MOST_SERVICES = 100


@dataclass(frozen=True, slots=True)
class ServiceStart:
    """One service: its figures, and what speaks against letting the gate rule it yet.

    `lived`: how many of the deployments counted were answered as they happened, in shadow. `shadow`: the while that
    lasts, None where the gate rules. `keeps`: whether the reader may change that.
    """

    slug: str
    name: str
    figures: Figures
    missing: tuple[Missing, ...]
    lived: int = 0
    shadow: GateShadow | None = None
    keeps: bool = False

    @property
    def is_ready(self) -> bool:
        """Nothing is missing: it is reasonable to let the gate rule here."""
        return not self.missing

    @property
    def sentences(self) -> list[str]:
        """What is missing, in the reader's words."""
        return [in_words(one, self.figures) for one in self.missing]


@dataclass(frozen=True, slots=True)
class Start:
    """Of all services that the reader may see. `unjudged`: imported deployments that the policy has not judged yet."""

    services: list[ServiceStart]
    measured: int
    imported: int
    unjudged: int
    told: int

    @property
    def ready(self) -> int:
        """How many of the services shown are."""
        return sum(one.is_ready for one in self.services)


def start(actor: Actor, at: datetime) -> Start:
    """Seven queries, however many deployments there are."""
    services = {one.pk: one for one in visible_services(actor).order_by("slug")[:MOST_SERVICES]}
    days, version = measured_days(list(services)), ruling()
    counts: dict[int, dict[str, int]] = {}
    answers = _answers(list(services), at).filter(policy=version.pk if version else None)
    for service, went, number in answers.values_list("event__service", "quadrant").annotate(Count("pk")).order_by():
        counts.setdefault(service, {})[went] = number
    judged = sum(sum(found.values()) for found in counts.values())
    lived = lived_in_shadow(list(services), at)
    for pk, went in lived.items():
        counts[pk] = dict(Counter(counts.get(pk, {})) + went)
    shadows = shadows_of(list(services), at)
    rows = []
    for pk, service in services.items():
        figures = Figures(measured_days=days.get(pk, 0), **counts.get(pk, {}))
        if figures.measured_days or pk in counts or pk in shadows:
            rows.append(
                ServiceStart(
                    service.slug, service.name, figures, what_is_missing(figures), lived.get(pk, Counter()).total(),
                    shadows.get(pk), shadow_keepers(actor, service),
                )
            )  # fmt: skip
    told = DeploymentEvent.objects.told_once().filter(service__in=list(services))
    past = told.filter(told_by=ToldBy.IMPORT, environment__in=production_names(), started_at__gte=at - LOOKED_BACK)
    imported = past.exclude(result=Result.STARTED).count()
    live = told.exclude(told_by__in=(ToldBy.IMPORT, ToldBy.GATE)).count()
    return Start(
        sorted(rows, key=lambda one: (len(one.missing), one.slug)), len(days), imported, max(0, imported - judged), live
    )


def lived_in_shadow(services: list[int], at: datetime) -> "dict[int, Counter[str]]":
    """Service -> its production deployments that ended in shadow in the last 90 days, by quadrant. One query.

    Known is how they went once their watch is over and, of what went well, somebody without a stake saw so; an
    experiment is no deployment.
    """
    by = Evaluation.DecidedBy
    ended = Deployment.objects.filter(
        evaluation__decided_by=by.SHADOW, change__service__in=services, environment__in=production_names(),
        started_at__gte=at - LOOKED_BACK,
    ).exclude(status=Deployment.Status.STARTED)  # fmt: skip
    found: dict[int, Counter[str]] = defaultdict(Counter)
    columns = ("change__service", "evaluation__outcome", "status", "watch", "witness")
    for service, outcome, status, watch, witness, number in (
        ended.values_list(*columns).annotate(Count("pk")).order_by()
    ):
        failed = status != Deployment.Status.SUCCEEDED or watch == Deployment.Watch.UNCLEAN
        ran = failed or (watch == Deployment.Watch.CLEAN and witness != Deployment.Witness.NOBODY)
        found[service][quadrant(Outcome(outcome), ran=ran, failed=failed).value] += number
    return found


def _answers(services: list[int], at: datetime) -> "QuerySet[PastAnswer]":
    return PastAnswer.objects.filter(event__service__in=services, event__started_at__gte=at - LOOKED_BACK)


def answers_of(actor: Actor, slug: str, at: datetime) -> "QuerySet[PastAnswer]":
    """The past deployments of one service with what would have been said of them, the newest first."""
    services = list(visible_services(actor).filter(slug=slug).values_list("pk", flat=True))
    found = _answers(services, at).select_related("event", "policy")
    return found.order_by("-id")


def in_words(missing: Missing, figures: Figures) -> str:
    """One thing that is missing, with its figure and its limit."""
    match missing:
        case Missing.NOT_MEASURED:
            return _("No gating objective of it is measured in production.")
        case Missing.SHORT_MEASURED:
            said = _("Days measured: %(days)d; %(enough)d show a whole window.")
            return said % {"days": figures.measured_days, "enough": ENOUGH_DAYS}
        case Missing.FEW_DECISIONS:
            said = _("Deployments of which is known how they went: %(known)d; %(enough)d say something.")
            return said % {"known": figures.known, "enough": ENOUGH_DECISIONS}
        case Missing.ESCAPES:
            said = _("%(part)d of %(whole)d that it would have approved failed: more than %(most)d %%.")
            whole = figures.smooth + figures.escaped
            return said % {"part": figures.escaped, "whole": whole, "most": MOST_ESCAPED * 100}
        case Missing.FRICTION:
            said = _("%(part)d of %(whole)d that went well would have been held up: more than %(most)d %%.")
            whole = figures.smooth + figures.friction
            return said % {"part": figures.friction, "whole": whole, "most": MOST_FRICTION * 100}
