"""Rows that are owed something, one at a time: what goes wrong with one keeps none of those after it waiting.

Promise: each row has its transaction; a row that fails is undone whole, written to the log, counted, and stays owed.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction

logger = logging.getLogger("headroom.owed")


def one_by_one(rows: "Iterable[Any]", do: Callable[[Any], Any], *, what: str) -> int:
    """The sum of what `do(row)` gave for each row, a yes as one; of a row that failed nothing.

    `what` names the work in the log. Raises only where the database itself is gone: then no row after it could be done.
    """
    done = failed = 0
    for row in rows:
        try:
            with transaction.atomic():
                done += int(do(row))
        except Exception:
            failed += 1
            logger.exception("%s: %s was left, those after it go on", what, row)
            if not connection.is_usable():
                raise
    if failed:
        logger.error("%s: %s could not be done and stay owed", what, failed)
    return done
