"""Four eyes, held by the database: an answer comes from an active person who is not excluded.

A program that is excluded excludes the person who owns it.
"""

import pgtrigger

from itsm.audit.triggers import Guard

FOUR_EYES = Guard(
    name="four_eyes",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("approval", "approvals_approvalrequest%ROWTYPE"), ("person", "accounts_user%ROWTYPE")],
    func="""
    SELECT * INTO approval FROM approvals_approvalrequest WHERE id = NEW.ask_id;
    SELECT * INTO person FROM accounts_user WHERE id = NEW.by_id;
    IF NEW.by_id = ANY (approval.excluded) OR EXISTS (
      SELECT 1 FROM accounts_user WHERE id = ANY (approval.excluded) AND owner_id = NEW.by_id
    ) THEN
      RAISE EXCEPTION 'four eyes: this person is excluded from this ask' USING ERRCODE = 'check_violation';
    END IF;
    IF person.account_type <> 'human' OR NOT person.is_active THEN
      RAISE EXCEPTION 'only active people answer asks' USING ERRCODE = 'check_violation';
    END IF;
    IF (approval.panel_kind = '') <> (NEW.vote_id IS NULL) THEN
      RAISE EXCEPTION 'panels vote, and only they' USING ERRCODE = 'check_violation';
    END IF;
    IF approval.status <> 'open' OR approval.content_hash <> NEW.content_hash THEN
      RAISE EXCEPTION 'this ask is settled or about other content' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)

SECOND_PERSON = Guard(
    name="second_person",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition("NEW.status = 'confirmed'"),
    declare=[("second", "accounts_user%ROWTYPE")],
    func="""
    SELECT * INTO second FROM accounts_user WHERE id = NEW.decided_by_id;
    IF second.id IS NULL OR second.account_type <> 'human' OR NOT second.is_active THEN
      RAISE EXCEPTION 'only active people confirm' USING ERRCODE = 'check_violation';
    END IF;
    IF second.id = ANY (OLD.excluded) OR second.id IN (OLD.person_id, OLD.proposed_by_id) OR EXISTS (
      SELECT 1 FROM accounts_user WHERE id = OLD.proposed_by_id AND owner_id = second.id
    ) THEN
      RAISE EXCEPTION 'four eyes: who proposed it does not confirm it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
