"""Programs belong to people, held by the database: the owner of a service account is human, and stays so.

Who owned one before is remembered: what it measured or vouched for is their word as well. Own roles that an account
holds are there, and stay what they were called.
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
    IF TG_OP = 'UPDATE' AND 'agent' IN (OLD.account_type, NEW.account_type)
      AND (NEW.account_type <> OLD.account_type OR NEW.owner_id IS DISTINCT FROM OLD.owner_id) THEN
      RAISE EXCEPTION 'a software agent acts for who connected it, and stays one' USING ERRCODE = 'check_violation';
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

OWN_ROLES_ARE_KNOWN = Guard(
    name="own_roles_are_known",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("own_roles"),
    func="""
    IF EXISTS (
      SELECT 1 FROM unnest(NEW.own_roles) held(slug)
      WHERE NOT EXISTS (SELECT 1 FROM accounts_ownrole WHERE slug = held.slug)
    ) THEN
      RAISE EXCEPTION 'there is no such own role' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
    """,
)

OWN_ROLES_STAY = Guard(
    name="own_roles_stay",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("slug", "retired_at") | pgtrigger.Delete,
    func="""
    IF TG_OP = 'DELETE' OR NEW.slug <> OLD.slug OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS NULL) THEN
      RAISE EXCEPTION 'own roles keep their names, and are retired for good' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
