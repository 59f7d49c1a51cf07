"""Reads of the report: deployments with what became of them, lead times, and the rows behind each number."""

from changes.dora.queries.report import Part, Report, dora
from changes.dora.queries.rows import Found, Row, all_rows, rows

__all__ = ["Found", "Part", "Report", "Row", "all_rows", "dora", "rows"]
