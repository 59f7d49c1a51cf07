"""What stands as a major incident is one, in the database too: `major` of an incident, and the row that was accepted.

Changes wait by the incident's column, people lead by the row. Both are written in one transaction, so the database
looks as it ends, under the incident's lock, whichever of them was written: by operations, imports or by hand.
"""

from typing import Any

import pgtrigger

from itsm.audit.triggers import Guard

# States of a row in which it is none, or nobody decided; in all others it is one. The workflow lies above.
NOT_ONE = ("proposed", "rejected", "demoted")
_LOOK = (
    "PERFORM 1 FROM incidents_incident WHERE id = {key} FOR NO KEY UPDATE;",
    "IF EXISTS (SELECT 1 FROM incidents_incident one WHERE one.id = {key} AND one.major <> EXISTS (",
    "  SELECT 1 FROM incidents_major led WHERE led.incident_id = one.id AND led.status NOT IN ({states})",
    ")) THEN",
    "  RAISE EXCEPTION 'incident % stands as a major one exactly while one is accepted of it', {key}",
    "    USING ERRCODE = 'check_violation';",
    "END IF;",
    "RETURN NULL;",
)


class StandsAsLed(Guard):
    """At the end of the transaction; `key` is the column of this table that names the incident."""

    when = pgtrigger.After
    timing = pgtrigger.Deferred

    def __init__(self, *, key: str, **terms: Any) -> None:
        self.key = key
        super().__init__(**terms)

    def get_func(self, model: Any) -> str:
        row = "OLD" if str(self.operation).startswith("DELETE") else "NEW"
        states = ", ".join(f"'{state}'" for state in NOT_ONE)
        return "\n".join(line.format(key=f"{row}.{self.key}", states=states) for line in _LOOK)


OF_INCIDENTS = (
    StandsAsLed(
        key="id", name="begins_as_led", operation=pgtrigger.Insert, condition=pgtrigger.Condition("NEW.major")
    ),
    StandsAsLed(
        key="id", name="stands_as_led", operation=pgtrigger.UpdateOf("major"),
        condition=pgtrigger.Condition("OLD.major IS DISTINCT FROM NEW.major"),
    ),
)  # fmt: skip
OF_MAJORS = (
    StandsAsLed(
        key="incident_id", name="is_led", operation=pgtrigger.Insert | pgtrigger.UpdateOf("status", "incident_id")
    ),
    StandsAsLed(key="incident_id", name="was_led", operation=pgtrigger.Delete | pgtrigger.UpdateOf("incident_id")),
)
