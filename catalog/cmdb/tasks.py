"""What runs by itself for configuration items."""

from celery import shared_task

from catalog.cmdb.operations.compacting import compact_log


@shared_task
def compact_graph_log() -> None:
    """Keep the log of the graph short. Safe to run twice."""
    compact_log()
