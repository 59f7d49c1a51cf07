"""Keeping what sources owe as rows, in the transaction that records what they did answer."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from slo.engine.owed import Piece
from slo.measuring.models import Indicator, OwedPiece


def owed_by(indicator_ids: Collection[int]) -> dict[int, list[Piece]]:
    """Indicator -> its pieces, oldest first. One query."""
    found: dict[int, list[Piece]] = defaultdict(list)
    rows = OwedPiece.objects.filter(indicator_id__in=indicator_ids).order_by("first_minute")
    for row in rows:
        found[row.indicator_id].append(
            Piece(
                row.first_minute, row.end_minute, row.failed, row.owed_since, row.next_at, row.attempts, row.last_error
            )
        )
    return found


def write_owed(indicator_id: int, before: Sequence[Piece], after: Sequence[Piece]) -> None:
    """Make the rows, and the indicator's sums of them, say `after`. Nothing is written where nothing changed."""
    if set(before) == set(after):
        return
    gone = set(before) - set(after)
    if gone:
        OwedPiece.objects.filter(indicator_id=indicator_id, first_minute__in=[one.first for one in gone]).delete()
    OwedPiece.objects.bulk_create(
        OwedPiece(
            indicator_id=indicator_id, first_minute=one.first, end_minute=one.end, failed=one.failed,
            attempts=one.attempts, owed_since=one.since, next_at=one.next_at, last_error=one.error,
        )
        for one in after
        if one not in set(before)
    )  # fmt: skip
    Indicator.objects.filter(pk=indicator_id).update(
        owed_minutes=sum(one.end - one.first for one in after),
        unanswered_minutes=sum(one.end - one.first for one in after if one.failed),
    )
