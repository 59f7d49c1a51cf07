"""What is to happen later is promised by a row, and happens: I15. Re-derived from the records, not from the rows.

Apps say what has to be promised while a record stands as it does (`promises`). A row that was deleted is found so,
before anybody waits for what it was for.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.invariants.known import Invariant, Question, register

_TITLE = _("What is due is promised by a row, and done in time, once")
_WHY = _("Timers, escalations and reminders are rows. One that is gone never fires, and nobody is told of nothing.")
_SAID = _("%(reference)s waits for something that nothing promises any more (%(detail)s).")

_LATE = """
SELECT 'due', d.name, d.record_kind || ' ' || d.record_id
FROM clocks_due d
WHERE d.done_at IS NULL AND d.given_up_at IS NULL AND d.at < %(at)s - interval '60 seconds' AND d.lane <> 'bulk'
"""
_GIVEN_UP = """
SELECT 'due', d.name, d.record_kind || ' ' || d.record_id
FROM clocks_due d
WHERE d.id > %(after)s AND d.id <= %(upto)s AND d.given_up_at > %(at)s - interval '1 day'
"""
_TWICE = """
SELECT 'due', d.name, d.record_kind || ' ' || d.record_id
FROM clocks_due d WHERE d.done_at IS NULL AND d.given_up_at IS NULL
GROUP BY d.name, d.record_kind, d.record_id HAVING count(*) > 1
"""
ON_TIME = Invariant(
    "I15",
    _TITLE,
    _WHY,
    (
        Question(
            "late", _("%(reference)s of %(detail)s is due for a minute, and nobody did it."), _LATE, punctual=True
        ),
        Question(
            "given_up",
            _("%(reference)s of %(detail)s was given up: it failed again and again."),
            _GIVEN_UP,
            walks="clocks_due",
            punctual=True,
        ),
        Question("twice", _("%(reference)s of %(detail)s is promised twice."), _TWICE),
    ),
)

_MISSING = """
SELECT w.kind, w.reference, '{name}'
FROM ({waiting}) AS w (kind, id, reference)
WHERE NOT EXISTS (
  SELECT FROM clocks_due d
  WHERE d.name = '{name}' AND d.record_kind = w.kind AND d.record_id = w.id
    AND d.done_at IS NULL AND d.given_up_at IS NULL
) AND NOT EXISTS (
  SELECT FROM clocks_due d
  WHERE d.name = '{name}' AND d.record_kind = w.kind AND d.record_id = w.id AND d.given_up_at IS NOT NULL
)
"""
# What has an instant is promised until then; what was kept ahead of it (by a clock that was set, or a test's) was kept.
_MISSING_UNTIL = """
SELECT w.kind, w.reference, '{name}'
FROM ({waiting}) AS w (kind, id, reference, at)
WHERE w.at > %(at)s AND CASE WHEN EXISTS (
  SELECT FROM clocks_due d
  WHERE d.name = '{name}' AND d.record_kind = w.kind AND d.record_id = w.id
    AND d.done_at IS NULL AND d.given_up_at IS NULL
) THEN false ELSE NOT EXISTS (
  SELECT FROM clocks_due d WHERE d.name = '{name}' AND d.record_kind = w.kind AND d.record_id = w.id
) END
"""


def promises(name: str, waiting: str, *, until: bool = False) -> None:
    """`waiting`: a SELECT of kind, id, reference of records for which `name` must be promised while they stand so;
    with `until` of the instant as well, up to which it must. Called once, at start."""
    text = (_MISSING_UNTIL if until else _MISSING).format(name=name.replace("%", "%%"), waiting=waiting)
    question: dict[str, Any] = {"name": f"promised: {name}", "said": _SAID, "ask": text}
    register(Invariant("I15", _TITLE, _WHY, (Question(**question),)))


# What no record says by itself: name -> who looks after it all the same, or why nothing would be lost for good.
_otherwise: dict[str, str] = {}


def watched_by(name: str, watch: str) -> None:
    """`watch` of `./manage.py watch_response` finds what `name` should have done, by the records, and does it."""
    _otherwise[name] = watch


def says_nothing(name: str, why: str) -> None:
    """Nothing but the row itself says that `name` is to come; `why` that costs nobody more than a word."""
    _otherwise[name] = why


def otherwise() -> dict[str, str]:
    """What is promised and not re-derived here, with who looks after it or why nobody has to."""
    return dict(_otherwise)
