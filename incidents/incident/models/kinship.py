"""One level of parents, and survivors that were not merged themselves: held by the database."""

import pgtrigger

from itsm.audit.triggers import Guard

ONE_LEVEL = Guard(
    name="one_level",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "merged_into_id"),
    func="""
    -- Whoever changes the other row meanwhile is waited for, and what they left is what is judged.
    PERFORM 1 FROM incidents_incident WHERE id IN (NEW.parent_id, NEW.merged_into_id) ORDER BY id FOR SHARE;
    IF NEW.parent_id IS NOT NULL AND (
      EXISTS (SELECT 1 FROM incidents_incident WHERE id = NEW.parent_id AND parent_id IS NOT NULL)
      OR EXISTS (SELECT 1 FROM incidents_incident WHERE parent_id = NEW.id)
    ) THEN
      RAISE EXCEPTION 'a parent has no parent' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.merged_into_id IS NOT NULL AND (
      EXISTS (SELECT 1 FROM incidents_incident WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
      OR EXISTS (SELECT 1 FROM incidents_incident WHERE merged_into_id = NEW.id)
    ) THEN
      RAISE EXCEPTION 'the survivor was merged itself' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
