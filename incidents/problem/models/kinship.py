"""A problem lives on in one that was not merged itself: no loop, whoever writes."""

import pgtrigger

from itsm.audit.triggers import Guard

SURVIVES = Guard(
    name="lives_on_in_a_survivor",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("duplicate_of_id"),
    condition=pgtrigger.Condition("NEW.duplicate_of_id IS NOT NULL"),
    func="""
    -- Whoever merges the survivor meanwhile is waited for, and what they left is what is judged.
    PERFORM 1 FROM incidents_problem WHERE id = NEW.duplicate_of_id FOR SHARE;
    IF EXISTS (SELECT 1 FROM incidents_problem WHERE id = NEW.duplicate_of_id AND duplicate_of_id IS NOT NULL)
      OR EXISTS (SELECT 1 FROM incidents_problem WHERE duplicate_of_id = NEW.id)
    THEN
      RAISE EXCEPTION 'the survivor was merged itself' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
