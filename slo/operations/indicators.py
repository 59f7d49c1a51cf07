"""Defining indicators. A definition does not change: other queries are another indicator."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from slo import policies
from slo.models import Indicator


def create_indicator(
    *,
    actor: Actor,
    slug: str,
    source: str,
    name: str = "",
    server_url: str = "",
    good_query: str = "",
    total_query: str = "",
) -> Indicator:
    """A new indicator. Conflict where the slug is taken; InvalidInput where source and queries do not fit."""
    if not policies.authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not define indicators.") % {"actor_name": actor.name})
    _check_definition(source, {"server_url": server_url, "good_query": good_query, "total_query": total_query})
    try:
        with transaction.atomic():
            indicator = Indicator.objects.create(
                slug=slug, name=name or slug, source=source,
                server_url=server_url.rstrip("/"), good_query=good_query, total_query=total_query,
            )  # fmt: skip
            return lifecycle.created(indicator, actor=actor, changes={"source": [None, source]})
    except IntegrityError as error:
        raise Conflict(gettext("There is already an indicator called %(slug)s.") % {"slug": slug}) from error


def settle_indicator(*, actor: Actor, slug: str, source: str | None = None, **definition: str) -> Indicator:
    """The indicator of this slug if its definition is the one given (or none is given), else a new one.

    Conflict where the slug stands for another definition.
    """
    known = Indicator.objects.filter(slug=slug).first()
    if known is None:
        if source is None:
            raise InvalidInput(
                gettext("There is no indicator called %(slug)s.") % {"slug": slug},
                {"indicator": ["say its source to create it"]},
            )
        return create_indicator(actor=actor, slug=slug, source=source, **definition)
    if source is not None and not _is_defined_as(known, source, **definition):
        raise Conflict(gettext("The indicator %(slug)s is already defined in another way.") % {"slug": slug})
    return known


def _is_defined_as(
    known: Indicator, source: str, *, server_url: str = "", good_query: str = "", total_query: str = "", name: str = ""
) -> bool:
    wanted = (source, server_url.rstrip("/"), good_query, total_query)
    return wanted == (known.source, known.server_url, known.good_query, known.total_query)


def _check_definition(source: str, parts: dict[str, str]) -> None:
    pulled = source == Indicator.Source.PROMETHEUS
    wrong = {part: ["needed" if pulled else "not for push"] for part, text in parts.items() if bool(text) != pulled}
    if wrong:
        raise InvalidInput(gettext("Prometheus needs an address and both queries; push has none of them."), wrong)
