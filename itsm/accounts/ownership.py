"""Programs belong to people, held by the database: the owner of a service account is human, and stays so.

Who owned one before is remembered: what it measured or vouched for is their word as well.
"""

import pgtrigger

from itsm.audit.triggers import Guard

PROGRAMS_BELONG_TO_PEOPLE = Guard(
    name="programs_belong_to_people",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("owner_id", "account_type"),
    func="""
    IF NEW.owner_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM accounts_user WHERE id = NEW.owner_id AND account_type = 'human' FOR SHARE
    ) THEN
      RAISE EXCEPTION 'the owner of a service account is a person' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.account_type <> 'human' AND EXISTS (SELECT 1 FROM accounts_user WHERE owner_id = NEW.id) THEN
      RAISE EXCEPTION 'who owns service accounts stays a person' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)

REMEMBERS_OWNERS = Guard(
    name="remembers_owners",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("owner_id", "former_owners"),
    func="""
    NEW.former_owners := ARRAY(
      SELECT unnest(OLD.former_owners)
      UNION
      SELECT OLD.owner_id WHERE OLD.owner_id IS DISTINCT FROM NEW.owner_id AND OLD.owner_id IS NOT NULL
      ORDER BY 1
    );
    RETURN NEW;
    """,
)
