"""What definitions rest on: data sources, services, indicators; taken as they are, or made."""

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from difflib import get_close_matches
from itertools import count
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from catalog.services import operations as catalog
from catalog.services.vocabulary import Tier
from itsm.kernel.actors import Actor
from slo.measuring.models import DataSource, Indicator
from slo.measuring.operations.indicators import Definition, create_indicator, is_defined_as
from slo.measuring.operations.sources import bare_address, create_source, edit_source
from slo.openslo.formats import DataSourceDefinition, Finding, IndicatorDefinition, ServiceDefinition
from slo.openslo.formats.definitions import DocumentRef
from slo.openslo.operations.apply_services import may_create
from slo.openslo.operations.apply_terms import CannotDeclare, Change

if TYPE_CHECKING:
    from catalog.models import Service

_LONGEST_SLUG = 63
_THRESHOLD_LIMIT = Decimal(10) ** 21
_LONGEST_SERVICE_DESCRIPTION = 4000


def nearest(slug: str, known: Collection[str]) -> str:
    """The known slugs that look most like it, in words."""
    return ", ".join(get_close_matches(slug, sorted(known), n=3, cutoff=0.3)) or "–"


def apply_source(wanted: DataSourceDefinition, *, actor: Actor) -> Change:
    """Made, or its name and address changed. How to sign in there is never read from a file.

    Raises NotPermitted and InvalidInput.
    """
    known = DataSource.objects.filter(slug=wanted.slug).first()
    if known is None:
        create_source(actor=actor, slug=wanted.slug, url=wanted.url, name=wanted.name)
        return Change("data_source", wanted.slug, "created")
    said = {"name": wanted.name, "url": bare_address(wanted.url)}
    changed = {field: (getattr(known, field), value) for field, value in said.items() if getattr(known, field) != value}
    if not changed:
        return Change("data_source", wanted.slug, "unchanged")
    fields: dict[str, Any] = {field: new for field, (_, new) in changed.items()}
    kept = edit_source(known, actor=actor, version=known.version, **fields)
    return Change("data_source", wanted.slug, "waits" if kept.awaits else "updated", changed)


def apply_service(wanted: ServiceDefinition, services: "dict[str, Service]", *, actor: Actor) -> Change:
    """Services live in the catalog and are described there; one that is missing is made, where the actor may.

    Raises CannotDeclare where it is missing and may not be made, or its description is too long.
    """
    if wanted.slug in services:
        return Change("service", wanted.slug, "unchanged")
    if not may_create(actor):
        raise unknown_service(wanted.slug, services, "metadata.name")
    if len(wanted.description) > _LONGEST_SERVICE_DESCRIPTION:
        message = gettext("A service's description has at most %d characters here.") % _LONGEST_SERVICE_DESCRIPTION
        raise CannotDeclare("spec.description", "headroom-description-length", message)
    services[wanted.slug] = catalog.create_service(
        actor=actor, slug=wanted.slug, name=wanted.name, description=wanted.description, tier=Tier.SUPPORTING
    )
    return Change("service", wanted.slug, "created")


def unknown_service(slug: str, services: Collection[str], path: str) -> CannotDeclare:
    """The finding for a service that the catalog lacks, with the nearest slugs of it; to be raised."""
    message = gettext(
        "There is no service %(slug)s in the catalog. The nearest there: %(nearest)s. An import with create_services "
        "makes it."
    )
    return CannotDeclare(path, "headroom-unknown-service", message % {"slug": slug, "nearest": nearest(slug, services)})


class IndicatorApplier:
    """Indicators by definition, each asked for once in an import. Notes what it made and what is worth knowing."""

    def __init__(self, actor: Actor, source: DataSource | None = None) -> None:
        self.actor, self.source = actor, source
        self.sources = {one.slug: one for one in DataSource.objects.all()}
        self.changes: list[Change] = []
        self.warnings: list[Finding] = []
        self._indicators: dict[IndicatorDefinition, Indicator] = {}

    def get_or_create(self, wanted: IndicatorDefinition, document: DocumentRef, path: str) -> Indicator:
        """The indicator of this definition. Definitions never change, so another one gets a numbered name."""
        if wanted not in self._indicators:
            self._indicators[wanted] = self._found_or_made(wanted, document, path)
        return self._indicators[wanted]

    def forget(self) -> None:
        """After something was taken back: what was made with it is not there any more."""
        self._indicators.clear()

    def _found_or_made(self, wanted: IndicatorDefinition, document: DocumentRef, path: str) -> Indicator:
        known = _called(wanted.slug)
        if wanted.checked and known and known.source == Indicator.Source.UPTIME:
            return known
        definition = self._definition(wanted, path)
        if known and is_defined_as(known, definition):
            return known
        numbered = {} if known is None else _numbered(wanted.slug)
        same = next((one for one in numbered.values() if is_defined_as(one, definition)), None)
        if same:
            return same
        slug = wanted.slug if known is None else next(name for name in _names(wanted.slug) if name not in numbered)
        if known:
            message = gettext("%(slug)s stands for another definition already; %(new)s is made for this one.")
            self._warn(document, path, "headroom-new-indicator", message % {"slug": wanted.slug, "new": slug})
        if wanted.checked:
            message = gettext("What Headroom checks for %(slug)s is not in the file: its measurements have to be sent.")
            self._warn(document, path, "headroom-checked", message % {"slug": slug})
        self.changes.append(Change("indicator", slug, "created"))
        words = {name: getattr(definition, name) for name in Definition.__dataclass_fields__}
        return create_indicator(actor=self.actor, slug=slug, name=wanted.name, **words)

    def _definition(self, wanted: IndicatorDefinition, path: str) -> Definition:
        """As the operation takes it: what is sent has no queries, no server and no counter."""
        if wanted.threshold is not None and not _is_keepable(wanted.threshold):
            message = gettext("A threshold has at most 21 digits before the point and 9 after it.")
            raise CannotDeclare(path, "headroom-threshold-digits", message)
        compared = {"op": wanted.op, "threshold": wanted.threshold, "step_minutes": wanted.step_minutes}
        if wanted.source == "push":
            return Definition("push", wanted.kind, **compared)  # type: ignore[arg-type]
        return Definition(
            "prometheus", wanted.kind, self.source_of(wanted.data_source, path), good_query=wanted.good_query,
            bad_query=wanted.bad_query, total_query=wanted.total_query, value_query=wanted.value_query,
            counter=wanted.counter and wanted.kind == "ratio", **compared,  # type: ignore[arg-type]
        )  # fmt: skip

    def source_of(self, slug: str, path: str) -> DataSource:
        """The data source of this name; of none the one chosen for the import, or the only one. CannotDeclare."""
        if slug in self.sources:
            return self.sources[slug]
        if slug:
            message = gettext("There is no data source %(slug)s. The nearest: %(nearest)s.")
            words = {"slug": slug, "nearest": nearest(slug, self.sources)}
            raise CannotDeclare(path, "headroom-unknown-data-source", message % words)
        if self.source is not None:
            return self.source
        if len(self.sources) == 1:
            return next(iter(self.sources.values()))
        raise CannotDeclare(path, "headroom-no-data-source", _which_source(sorted(self.sources)))

    def _warn(self, document: DocumentRef, path: str, rule: str, message: str) -> None:
        self.warnings.append(Finding(str(document), document.place(path), rule, message, "warning"))


def _which_source(known: Sequence[str]) -> str:
    if not known:
        return gettext("There is no data source yet that this could be asked of. Define one, then import this again.")
    message = gettext(
        "This does not say which data source it is asked of, and there are %(count)d: choose one for the import "
        "(source), such as %(names)s."
    )
    return message % {"count": len(known), "names": ", ".join(known[:3])}


def _is_keepable(threshold: Decimal) -> bool:
    if not (threshold.is_finite() and abs(threshold) < _THRESHOLD_LIMIT and threshold.adjusted() > -10):
        return threshold == 0
    exponent = threshold.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -9


def _called(slug: str) -> Indicator | None:
    return Indicator.objects.select_related("data_source", "check_made").filter(slug=slug).first()


def _numbered(slug: str) -> dict[str, Indicator]:
    """Those named like it with a number from 2 on, the lowest first."""
    stem = slug[: _LONGEST_SLUG - 8]
    near = Indicator.objects.select_related("data_source", "check_made").filter(slug__startswith=stem)
    named = {one.slug: one for one in near if re.search(r"-[0-9]+\Z", one.slug)}
    names = (name for name, _ in zip(_names(slug), range(len(named) + 1), strict=False))
    return {name: named[name] for name in names if name in named}


def _names(slug: str) -> Iterator[str]:
    for number in count(2):
        suffix = f"-{number}"
        yield slug[: _LONGEST_SLUG - len(suffix)] + suffix
