"""How objectives, indicators and data sources are found by the search: by those who work here."""

from itsm.search import offers
from slo.measuring.models import DataSource, Indicator
from slo.objectives.models import Objective


def objective(one: Objective) -> offers.Entry:
    """An objective as the search index keeps it."""
    return offers.Entry(
        one.name,
        one.get_absolute_url(),
        f"{one.slug} SLO",
        about=offers.service(one.service_id),
        is_over=one.retired_at is not None,
    )


def indicator(one: Indicator) -> offers.Entry:
    """An indicator as the search index keeps it."""
    return offers.Entry(one.name or one.slug, one.get_absolute_url(), f"{one.slug} SLI")


def source(one: DataSource) -> offers.Entry:
    """Without its address and sign-in: these are for its own page."""
    return offers.Entry(one.name or one.slug, "/slos/sources/", one.slug)
