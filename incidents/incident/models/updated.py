"""When an incident was last worked on: said by the database, whichever way the change came."""

import pgtrigger

from itsm.audit.triggers import Guard

# Clocks move `next_due` without anybody, and do not count; words do, though they leave `version` alone.
UPDATED = Guard(
    name="says_when",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("version", "caller_spoke_at", "agent_spoke_at"),
    condition=pgtrigger.Condition(
        "OLD.version IS DISTINCT FROM NEW.version OR OLD.caller_spoke_at IS DISTINCT FROM NEW.caller_spoke_at"
        " OR OLD.agent_spoke_at IS DISTINCT FROM NEW.agent_spoke_at"
    ),
    func="NEW.updated_at := greatest(now(), OLD.updated_at); RETURN NEW;",
)
