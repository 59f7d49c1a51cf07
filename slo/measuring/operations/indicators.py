"""Defining indicators. A definition does not change: other queries are another indicator."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from slo.engine.methods import SLICE_MINUTES
from slo.measuring import permissions
from slo.measuring.formats.counters import NotCounters, increases
from slo.measuring.models import DataSource, Indicator, UptimeCheck
from slo.measuring.operations.checks import make_check
from slo.measuring.operations.measurers import first_measurer
from slo.measuring.operations.series import make_raw_series
from slo.measuring.operations.sources import bare_address, source_at
from slo.measuring.vocabulary import QUERIES


@dataclass(frozen=True, slots=True)
class Definition:
    """What an indicator is, beside its slug and name. `data_source` or `server_url`; `check` for uptime only."""

    source: str
    measure: str = Indicator.Kind.RATIO.value
    data_source: DataSource | None = None
    server_url: str = ""
    good_query: str = ""
    bad_query: str = ""
    total_query: str = ""
    value_query: str = ""
    counter: bool = False
    op: str = ""
    threshold: Decimal | None = None
    step_minutes: int = 1
    check: Mapping[str, Any] | None = None


def create_indicator(*, actor: Actor, slug: str, source: str, name: str = "", **definition: Any) -> Indicator:
    """A new indicator, as `Definition` says.

    Conflict where the slug is taken; InvalidInput where source, queries and threshold do not fit.
    """
    if not permissions.authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not define indicators.") % {"actor_name": actor.name})
    wanted = _checked(Definition(source, **definition))
    try:
        with transaction.atomic():
            indicator = Indicator.objects.create(
                slug=slug, name=name or slug, **_columns(wanted, _source_of(wanted, actor))
            )
            make_raw_series(indicator)
            first_measurer(indicator, actor=actor, at=timezone.now())
            if wanted.check is not None:
                make_check(indicator, wanted.check)
            return lifecycle.created(indicator, actor=actor, changes={"source": [None, source]})
    except IntegrityError as error:
        raise Conflict(gettext("There is already an indicator called %(slug)s.") % {"slug": slug}) from error


def get_or_create_indicator(
    *, actor: Actor, slug: str, source: str | None = None, name: str = "", **definition: Any
) -> Indicator:
    """The indicator of this slug if its definition is the one given (or none is given), else a new one.

    Conflict where the slug stands for another definition.
    """
    known = Indicator.objects.select_related("data_source", "check_made").filter(slug=slug).first()
    if known is None:
        if source is None:
            raise InvalidInput.about(
                "indicator",
                gettext("There is no indicator called %(slug)s: say its source to create it.") % {"slug": slug},
            )
        return create_indicator(actor=actor, slug=slug, source=source, name=name, **definition)
    if source is not None and not is_defined_as(known, Definition(source, **definition)):
        raise Conflict(gettext("The indicator %(slug)s is already defined in another way.") % {"slug": slug})
    return known


def is_defined_as(known: Indicator, wanted: Definition) -> bool:
    """Whether the stored indicator is what this definition would make."""
    if wanted.data_source is None and (bare_address(wanted.server_url) or None) != (known.server_url or None):
        return False
    if wanted.data_source is not None and wanted.data_source.pk != known.data_source_id:
        return False
    plain = {name: value for name, value in _columns(wanted, known.data_source).items() if name != "data_source"}
    if any(getattr(known, name) != value for name, value in plain.items()):
        return False
    return wanted.check is None or _is_checked_as(known.check_made, wanted.check)


def _is_checked_as(check: UptimeCheck, wanted: Mapping[str, Any]) -> bool:
    return all(getattr(check, name) == value for name, value in wanted.items())


def _columns(wanted: Definition, data_source: DataSource | None) -> dict[str, Any]:
    elsewhere = {"data_source", "server_url", "check"}
    columns = {one.name: getattr(wanted, one.name) for one in fields(wanted) if one.name not in elsewhere}
    return columns | {"data_source": data_source}


def _source_of(wanted: Definition, actor: Actor) -> DataSource | None:
    if wanted.source != Indicator.Source.PROMETHEUS:
        return None
    return wanted.data_source or source_at(wanted.server_url, actor=actor)


def _checked(wanted: Definition) -> Definition:
    wrong = {**_wrong_queries(wanted), **_wrong_threshold(wanted)}
    if wrong:
        raise InvalidInput(
            gettext("Prometheus needs an address and its queries; what is pushed or checked has none of them.")
            if wanted.measure == Indicator.Kind.RATIO
            else gettext("The definition of this indicator does not fit together."),
            wrong,
        )
    if wanted.step_minutes not in SLICE_MINUTES:
        raise InvalidInput.about("step_minutes", gettext("Measurements come every so many minutes as divide an hour."))
    if (wanted.source == Indicator.Source.UPTIME) != (wanted.check is not None):
        raise InvalidInput.about("check", gettext("An uptime indicator, and no other, says what is checked."))
    return wanted


def _wrong_queries(wanted: Definition) -> dict[str, list[str]]:
    given = {name for name in QUERIES if getattr(wanted, name)}
    if wanted.source != Indicator.Source.PROMETHEUS:
        wrong = {name: [gettext("not for this source")] for name in given}
        if wanted.server_url or wanted.data_source:
            wrong["server_url"] = [gettext("not for this source")]
        return wrong
    if wanted.measure != Indicator.Kind.RATIO:
        wanted_queries = {"value_query"}
    else:
        wanted_queries = {"total_query", "bad_query" if wanted.bad_query and not wanted.good_query else "good_query"}
    wrong = {name: [gettext("needed")] for name in wanted_queries - given}
    wrong |= {name: [gettext("not beside the others")] for name in given - wanted_queries}
    wrong |= _wrong_counters(wanted) if wanted.counter else {}
    if not wanted.server_url and wanted.data_source is None:
        wrong["server_url"] = [gettext("needed")]
    return wrong


def _wrong_counters(wanted: Definition) -> dict[str, list[str]]:
    """Queries that cannot be asked as growth, each with the sentence how to write it."""
    wrong = {}
    for name in QUERIES:
        try:
            if query := getattr(wanted, name):
                increases(query, wanted.step_minutes)
        except NotCounters as error:
            wrong[name] = [str(error)]
    return wrong


def _wrong_threshold(wanted: Definition) -> dict[str, list[str]]:
    compares = wanted.measure == Indicator.Kind.THRESHOLD
    if compares == bool(wanted.op) == (wanted.threshold is not None):
        return {}
    return {
        "threshold": [gettext("needed with its comparison") if compares else gettext("for threshold indicators only")]
    }
