"""What may change an entry of the history: an erasure, or a rule of retention that is on record."""

from itsm.audit import verifying

_BY = {
    "mask": (
        "EXISTS (SELECT FROM erasure_erasure x JOIN audit_entry u ON u.record_kind = 'user'"
        " AND u.record_id = x.user_id AND u.event IN ('user.erasing', 'user.erased') WHERE x.id = l.because_id"
        " AND (position('erased-' || x.user_id IN e::text) > 0 OR EXISTS (SELECT FROM audit_link n"
        " WHERE n.entry_id = l.entry_id AND n.revision > l.revision AND n.because IN ('purge', 'personal'))))"
    ),
    "personal": (
        "coalesce(jsonb_typeof(e.changes -> 'attributes') = 'array', false)"
        " AND EXISTS (SELECT FROM erasure_erasure x"
        " JOIN audit_entry u ON u.record_kind = 'user' AND u.record_id = x.user_id"
        " AND u.event IN ('user.erasing', 'user.erased') WHERE x.id = l.because_id)"
    ),
    "purge": (
        "e.remark = '' AND EXISTS (SELECT FROM retention_purged p"
        " WHERE p.record_kind = e.record_kind AND p.record_id = e.record_id)"
    ),
}


def register() -> None:
    """Let checks of the history know it. Called at start, and again by a check that begins before it."""
    for because, condition in _BY.items():
        verifying.explains(because, condition)
