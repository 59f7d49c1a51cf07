"""Who owned the programs that a change names, when it named them: whoever hands one over keeps their interest.

The database keeps it, so that no door forgets to, and whoever owned one of them stays on the list. So does whoever a
change was opened for in another's name, and the account into which one of these people was merged.
"""

import pgtrigger

from itsm.audit.triggers import Guard

KEEPS_PROGRAM_OWNERS = Guard(
    name="keeps_program_owners",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("requested_by_id", "author_id", "implementer_id", "program_owners"),
    func="""
    NEW.program_owners := ARRAY(
      SELECT owner_id FROM accounts_user
      WHERE id IN (NEW.requested_by_id, NEW.author_id, NEW.implementer_id) AND owner_id IS NOT NULL
      UNION
      SELECT person FROM accounts_persons(ARRAY[NEW.requested_by_id, NEW.author_id, NEW.implementer_id])
      WHERE person <> account
      UNION
      SELECT unnest(NEW.program_owners)
      UNION
      SELECT unnest(OLD.program_owners) WHERE TG_OP = 'UPDATE'
      ORDER BY 1
    );
    RETURN NEW;
    """,
)
