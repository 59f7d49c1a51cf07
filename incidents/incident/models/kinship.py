"""One level of parents, and survivors that were not merged themselves: held by the database."""

import pgtrigger

from itsm.audit.triggers import Guard

ONE_LEVEL = Guard(
    name="one_level",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "merged_into_id"),
    func="""
    IF NEW.parent_id IS NOT NULL AND (
      EXISTS (SELECT 1 FROM incidents_incident WHERE id = NEW.parent_id AND parent_id IS NOT NULL FOR KEY SHARE)
      OR EXISTS (SELECT 1 FROM incidents_incident WHERE parent_id = NEW.id)
    ) THEN
      RAISE EXCEPTION 'a parent has no parent' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.merged_into_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM incidents_incident WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL FOR KEY SHARE
    ) THEN
      RAISE EXCEPTION 'the survivor was merged itself' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
