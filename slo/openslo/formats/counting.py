"""Queries with an open window, as Sloth writes them, as the events of one minute."""

import re

from django.utils.translation import gettext

from slo.openslo.formats import promql
from slo.openslo.formats.documents import Report

_ONE = re.compile(r"\(*\s*vector\s*\(\s*1(?:\.0*)?\s*\)\s*(?:\[[^\]]*\])?\s*\)*\Z", re.IGNORECASE)


def counts_of(report: Report, path: str, *queries: str) -> tuple[str, ...]:
    """The same queries per minute. What only a quotient needs is taken out, and said."""
    minutes = tuple(promql.minute_window(query) for query in queries)
    honest = tuple(promql.without_pretended(query) for query in minutes)
    if honest != minutes:
        message = gettext(
            "The query pretends an event in a minute that had none (“or vector(1)”); here such a minute has no events."
        )
        report.warning(path, "sloth-pretended-event", message)
    if any(promql.has_open_subquery(query) for query in honest):
        message = gettext(
            "A subquery without a resolution, as in [1m:], counts as often as that server evaluates its rules: the "
            "ratio holds, the number of events is that server's to say."
        )
        report.warning(path, "sloth-subquery", message)
    counts = promql.as_counts(*honest)
    if counts is None:
        message = gettext("These queries give rates, not events per minute; the ratio holds, the counts do not.")
        report.warning(path, "sloth-rate", message)
    return honest if counts is None else counts


def is_always_one(query: str) -> bool:
    """Whether it is the number one, whatever happens: what stands above it in a quotient is a share already."""
    return bool(_ONE.match(query.strip()))
