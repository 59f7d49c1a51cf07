"""A row of the report by the names that REST and the file share."""

from typing import Any

from changes.dora.queries.rows import Row

COLUMNS = (
    "deployment", "environment", "version", "commit", "committed_at", "started_at", "finished_at", "result", "rework",
    "change", "because", "incidents", "hours",
)  # fmt: skip


def row_shape(row: Row) -> dict[str, Any]:
    """Each column with its value; instants and lists as they are."""
    event, arrival = row.event, row.arrival
    return {
        "deployment": event.pk,
        "environment": event.environment,
        "version": event.version,
        "commit": arrival.sha if arrival else event.commit,
        "committed_at": arrival.committed_at if arrival else None,
        "started_at": event.started_at,
        "finished_at": event.finished_at,
        "result": event.result,
        "rework": event.rework,
        "change": event.change.reference if event.change else None,
        "because": list(row.because),
        "incidents": [incident.reference for incident in row.incidents],
        "hours": None if row.hours is None else round(row.hours, 4),
    }
