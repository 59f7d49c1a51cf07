"""Reads of the report: deployments with what became of them, lead times, and the rows behind each number."""

from changes.dora.queries.report import Part, Report, dora
from changes.dora.queries.rows import PAGE, Found, Row, all_rows, rows
from changes.dora.queries.services import service_id

__all__ = ["PAGE", "Found", "Part", "Report", "Row", "all_rows", "dora", "rows", "service_id"]
