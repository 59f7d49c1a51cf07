"""Ask what must hold. Reads only; what was found is kept by `operations.keep`."""

import logging
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction
from psycopg2 import sql

from itsm.invariants.known import Found, Invariant, Question
from itsm.invariants.known import known as all_known
from itsm.invariants.models import MOST_SAMPLES
from itsm.notifications import quarantine

logger = logging.getLogger("headroom.invariants")

# Ids are given out before they are seen: what was under way then is read once more.
OVERLAP = 1_000
MOST_AT_ONCE = 20_000  # rows of history that a minute reads


@dataclass(frozen=True, slots=True)
class Answer:
    """What one invariant's questions found: each sample with the name of its question; `failed`: those not answered.

    whole: every question was asked of all of history. walked: question -> id up to which it was read.
    """

    invariant: Invariant
    found: tuple[tuple[str, Found], ...] = ()
    count: int = 0
    failed: str = ""
    whole: bool = True
    took_ms: int = 0
    walked: Mapping[str, int] = field(default_factory=dict)


def ask(
    at: datetime,
    *,
    full: bool = False,
    only: Collection[str] = (),
    walked: Mapping[str, Mapping[str, int]] | None = None,
    entirely: Collection[str] = (),
    punctual: bool = True,
) -> Iterator[Answer]:
    """Ask each invariant (`only` these ids) as of `at`; without `full` what the minute asks.

    `walked`: invariant -> question -> id, how far history was read. `entirely`: ids that are asked of all of it. While
    all is held after a restore nobody does what is due, and nothing counts as late; nor without `punctual`.
    """
    is_held = not punctual or quarantine.since() is not None
    for one in all_known():
        if only and one.id not in only:
            continue
        if full or not one.is_heavy or one.id in entirely:
            yield _answer(one, at, full or one.id in entirely, (walked or {}).get(one.id, {}), is_held)


def _answer(invariant: Invariant, at: datetime, full: bool, walked: Mapping[str, int], is_held: bool) -> Answer:
    began = time.monotonic()
    found: list[tuple[str, Found]] = []
    count, failed, upto = 0, "", dict(walked)
    for question in invariant.questions:
        if (question.heavy and not full) or (question.punctual and is_held):
            continue
        try:
            with transaction.atomic():  # one that cannot be asked spoils no other
                after, upto[question.name] = _span(question, 0 if full else walked.get(question.name, 0), full)
                rows, number = _asked(question, at, after, upto[question.name])
        except (DatabaseError, ValueError, ArithmeticError, LookupError, TypeError, OSError) as error:
            logger.exception("%s could not be asked: %s", invariant.id, question.name)
            failed = f"{question.name}: {type(error).__name__}"
            if isinstance(error, InterfaceError):
                raise
            continue
        found += [(question.name, row) for row in rows]
        count += number
    whole = full or not any(one.walks or one.heavy for one in invariant.questions)
    took = int((time.monotonic() - began) * 1000)
    return Answer(invariant, tuple(found[:MOST_SAMPLES]), count, failed, whole, took, upto)


def _span(question: Question, after: int, full: bool) -> tuple[int, int]:
    """What to read of the history that it walks: ids above the first, up to the second."""
    if not question.walks:
        return 0, 0
    with connection.cursor() as cursor:
        table = sql.Identifier(question.walks)
        cursor.execute(sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(table))
        newest = int(cursor.fetchone()[0])
    begin = max(0, after - OVERLAP)
    return begin, newest if full else min(newest, begin + MOST_AT_ONCE)


def _asked(question: Question, at: datetime, after: int, upto: int) -> tuple[list[Found], int]:
    if not isinstance(question.ask, str):
        found = list(islice(question.ask(at), MOST_SAMPLES + 1))
        return found[:MOST_SAMPLES], len(found)
    given: dict[str, Any] = {**question.given(), "at": at, "after": after, "upto": upto, "most": MOST_SAMPLES}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, reference, detail, count(*) OVER () FROM ({question.ask}) AS q (kind, reference, detail)"  # noqa: S608 - our own
            " LIMIT %(most)s",
            given,
        )
        rows = cursor.fetchall()
    return [Found(str(row[0]), str(row[1]), str(row[2] or "")) for row in rows], int(rows[0][3]) if rows else 0
