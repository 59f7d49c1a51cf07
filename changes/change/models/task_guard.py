"""The database's copy of what mandatory tasks hold up: planning the start, implementation the finish, tests and reviews
the close. A roll-back is no finish: what was not done need not be done any more.
"""

import pgtrigger

from changes.change.vocabulary import HELD_UP_BY
from itsm.audit.triggers import Guard


def _kinds(step: str) -> str:
    return "ARRAY[{}]".format(", ".join(f"'{kind.value}'" for kind in HELD_UP_BY[step]))


MANDATORY_TASKS_ARE_DONE = Guard(
    name="mandatory_tasks_are_done",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("status"),
    condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
    func=f"""
    IF EXISTS (
      SELECT FROM work_task
      WHERE record_kind = 'change' AND record_id = NEW.id AND mandatory AND done_at IS NULL
        AND task_kind = ANY (
          CASE
            WHEN NEW.status = 'running' THEN {_kinds("start")}
            WHEN NEW.status = 'reviewing' AND NEW.outcome_code = '' THEN {_kinds("finish")}
            WHEN NEW.status = 'closed' THEN {_kinds("close")}
            ELSE ARRAY[]::text[]
          END
        )
    ) THEN
      RAISE EXCEPTION 'change % has mandatory tasks to do before it is %', NEW.id, NEW.status
        USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
