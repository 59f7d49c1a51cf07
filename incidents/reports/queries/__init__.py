"""Reads for reports; each number counts the very rows that it opens."""

from incidents.reports.queries.desk import Desk, desk
from incidents.reports.queries.figures import figures
from incidents.reports.queries.measures import Period, Slice, rows

__all__ = ["Desk", "Period", "Slice", "desk", "figures", "rows"]
