"""A history that began before the chain did is taken into it, piece by piece, when tables are brought forward: once.

Only by `upgrade_tables`: what is restored from a backup is judged as it is. And only until the first anchor was made,
which a release that knows the chain does within minutes: what has no link after that was written beside the chain, and
no upgrade makes it look as if it were proven.
"""

from django.db import connection, transaction

from itsm.audit.models import Anchor

PIECE = 2_000  # entries for which those who commit into the same chain wait: a fraction of a second
_UNLINKED = """
SELECT min(id), max(id) FROM audit_entry e WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.entry_id = e.id)
"""


def adopt() -> int:
    """Link every entry that has no link, as the owner of the tables. Returns how many; 0 once there is an anchor.

    Each piece commits by itself, so that what was stopped half-way goes on where it was.
    """
    if Anchor.objects.exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_UNLINKED)
        first, last = cursor.fetchone()
        if first is None:
            return 0
        return sum(_piece(low, min(low + PIECE - 1, last)) for low in range(first, last + 1, PIECE))


def _piece(first: int, last: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT audit_adopt(%s, %s)", [first, last])
        return int(cursor.fetchone()[0])
