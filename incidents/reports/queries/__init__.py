"""Reads for reports; each number counts the very rows that it opens."""

from incidents.reports.queries.addresses import page_of, terms_of
from incidents.reports.queries.figures import figures
from incidents.reports.queries.measures import Slice, basis, rows
from incidents.reports.queries.numbers import Number, Split, numbers
from incidents.reports.queries.periods import Period

__all__ = ["Number", "Period", "Slice", "Split", "basis", "figures", "numbers", "page_of", "rows", "terms_of"]
