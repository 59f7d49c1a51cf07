"""Objectives in force as definitions, for export; and the values that templates ask for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from catalog.services.queries import visible_services
from itsm.kernel.actors import Actor
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from slo.engine.methods import Method
from slo.measuring.adapters.prometheus import Unusable, label_groups, label_values
from slo.measuring.models import DataSource, Indicator
from slo.measuring.queries.servers import server_of
from slo.objectives import permissions
from slo.objectives.models import Objective
from slo.objectives.queries.members import MemberTerms, current_members, with_members
from slo.openslo.formats import (
    PROMETHEUS,
    CalendarDefinition,
    DataSourceDefinition,
    DocumentRef,
    IndicatorDefinition,
    MemberDefinition,
    ObjectiveDefinition,
    ServiceDefinition,
)
from slo.openslo.formats.annotations import in_order
from slo.openslo.formats.exporting import documents
from slo.openslo.formats.grouping import Group, GroupsOf
from slo.openslo.formats.promql import with_range
from slo.openslo.formats.templating import NoValues, ValuesOf

if TYPE_CHECKING:
    from catalog.models import Service

_NOWHERE = DocumentRef("", 0)
_SERVICE = "service"
_LATELY = "1d"  # a group that had a series so lately is still there
Sources = dict[int, DataSource]


def exported(actor: Actor, service: str | None = None) -> list[dict[str, Any]]:
    """The OpenSLO documents of the objectives in force (of one service): data sources, services, then objectives.

    Importing them changes nothing. How to sign in at a data source is left out.
    """
    found = Objective.objects.visible_to(actor).in_force().select_related("service", "indicator")
    chosen = with_members(found if service is None else found.filter(service__slug=service)).order_by("slug")
    objectives = [(one, current_members(one)) for one in chosen]
    sources = _sources(objectives)
    services = {one.service_id: one.service for one, _ in objectives}
    return documents(
        [_objective(one, members, sources) for one, members in objectives],
        services=[_service(one) for one in sorted(services.values(), key=lambda one: one.slug)],
        data_sources=[_source(one) for one in sources.values()],
    )


def values_for(actor: Actor, source: DataSource | None = None) -> ValuesOf:
    """What a template's "*" stands for: services that the actor may keep, else a label's values in Prometheus.

    `source` is asked where it is given, else the only data source there is.
    """

    @cache
    def values(label: str) -> list[str]:
        if label == _SERVICE:
            services = visible_services(actor).order_by("slug")
            return [one.slug for one in services if permissions.keepers(actor, one)]
        return _in_prometheus(label, source)

    return values


def groups_for(source: DataSource | None = None) -> GroupsOf:
    """The groups that the series of a selector have by some labels; `source` as for `values_for`.

    A source that does not answer is asked no more.
    """
    silent: list[NoValues] = []

    @cache
    def known(labels: tuple[str, ...], selector: str) -> list[Group]:
        if silent:
            raise silent[0]
        words = ", ".join(labels)
        try:
            with _said_by(words, asked_of := _the_one(words, source)):
                return label_groups(server_of(asked_of), labels, with_range(selector, _LATELY))
        except NoValues as error:
            if isinstance(error.__cause__, OutgoingFailed | OutgoingRefused):
                silent.append(error)
            raise

    return lambda labels, selector: known(tuple(labels), selector)


def _in_prometheus(label: str, source: DataSource | None) -> list[str]:
    with _said_by(label, asked_of := _the_one(label, source)):
        return label_values(server_of(asked_of), label)


def _the_one(label: str, source: DataSource | None) -> DataSource:
    if source is not None:
        return source
    sources = list(DataSource.objects.all()[:2])
    if len(sources) != 1:
        sentence = gettext(
            "The values of “%s” are asked of a data source, and there is not exactly one: choose one for the import "
            "(source)."
        )
        raise NoValues(sentence % label[:80])
    return sources[0]


@contextmanager
def _said_by(label: str, source: DataSource) -> Iterator[None]:
    try:
        yield
    except (OutgoingFailed, OutgoingRefused, Unusable) as error:
        words = {"label": label[:80], "source": source.slug, "problem": str(error)}
        raise NoValues(gettext("%(source)s does not say the values of “%(label)s”: %(problem)s") % words) from error


def _sources(objectives: Iterable[tuple[Objective, list[MemberTerms]]]) -> dict[int, DataSource]:
    """Those that the indicators are pulled from, by id, in the order of their slugs."""
    ids = {
        indicator.data_source_id
        for one, members in objectives
        for indicator in (one.indicator, *(member.indicator for member in members))
        if indicator is not None and indicator.data_source_id is not None
    }
    return {one.pk: one for one in DataSource.objects.filter(pk__in=ids).order_by("slug")}


def _source(source: DataSource) -> DataSourceDefinition:
    return DataSourceDefinition(source.slug, source.name, PROMETHEUS.capitalize(), source.url, _NOWHERE)


def _service(service: "Service") -> ServiceDefinition:
    return ServiceDefinition(service.slug, service.name, service.description, _NOWHERE)


def _objective(one: Objective, members: list[MemberTerms], sources: Sources) -> ObjectiveDefinition:
    return ObjectiveDefinition(
        slug=one.slug, name=one.name, description=one.description, service=one.service.slug,
        environment=one.environment, method=one.method, target=_exact(one.target),  # type: ignore[arg-type]
        time_slice_target=None if members or one.time_slice_target is None else _exact(one.time_slice_target),
        time_slice_minutes=one.time_slice_minutes,
        window_days=one.window_days if one.is_rolling else None, calendar=_calendar(one),
        indicator=None if one.indicator is None else _indicator(one.indicator, sources),
        members=tuple(_member(one, member, sources) for member in members), gating=one.gating,
        alert_rows=None if one.alert_rows is None else in_order(one.alert_rows), labels=one.labels,
        annotations=one.annotations, document=_NOWHERE,
        missing_slices=one.missing_slices, budget_basis=one.budget_basis,  # type: ignore[arg-type]
        gates_from=one.gates_from,
    )  # fmt: skip


def _calendar(one: Objective) -> CalendarDefinition | None:
    if one.is_rolling:
        return None
    start = one.calendar_start or None
    return CalendarDefinition(one.calendar_unit, one.calendar_count, one.calendar_zone, start)  # type: ignore[arg-type]


def _member(one: Objective, member: MemberTerms, sources: Sources) -> MemberDefinition:
    """A member without a slice target of its own is held to the objective's."""
    own = member.time_slice_target if member.time_slice_target is not None else one.time_slice_target
    kept = None if own is None or one.method != Method.TIMESLICES else _exact(own)
    return MemberDefinition(_indicator(member.indicator, sources), _exact(member.target), _exact(member.weight), kept)


def _indicator(one: Indicator, sources: Sources) -> IndicatorDefinition:
    """What Headroom checks itself is written as sent, with a mark."""
    source = None if one.data_source_id is None else sources[one.data_source_id]
    return IndicatorDefinition(
        one.slug, one.name, "", one.measure, PROMETHEUS if source else "push",  # type: ignore[arg-type]
        source.slug if source else "", one.good_query, one.bad_query, one.total_query,
        one.value_query, one.counter, one.op,  # type: ignore[arg-type]
        None if one.threshold is None else _exact(one.threshold), one.step_minutes,
        checked=one.source == Indicator.Source.UPTIME,
    )  # fmt: skip


def _exact(value: Decimal) -> Decimal:
    """Without the zeros at its end, and without an exponent."""
    return Decimal(f"{value.normalize():f}")
