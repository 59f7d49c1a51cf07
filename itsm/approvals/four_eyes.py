"""Four eyes, held by the database: an answer comes from an active person who is not excluded.

Whatever account is excluded excludes the person behind it, by each of their accounts; whoever is excluded excludes who
decides in their place.
"""

import pgtrigger

from itsm.audit.triggers import Guard

# A delegation d that runs when NEW is said, and holds for `approval`.
_RUNS = """d.ended_at IS NULL AND NEW.at >= d.starts_at AND NEW.at < d.ends_at
      AND d.record_kind IN ('', approval.record_kind)
      AND (d.panel_kind = '' OR (d.panel_kind, d.panel_id) = (approval.panel_kind, approval.panel_id))"""

FOUR_EYES = Guard(
    name="four_eyes",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("approval", "approvals_approvalrequest%ROWTYPE"), ("person", "accounts_user%ROWTYPE")],
    func=f"""
    SELECT * INTO approval FROM approvals_approvalrequest WHERE id = NEW.ask_id;
    SELECT * INTO person FROM accounts_user WHERE id = NEW.by_id;
    IF ARRAY[NEW.by_id, NEW.in_place_of_id] && approval.excluded OR EXISTS (
      SELECT FROM accounts_persons(approval.excluded) barred
      JOIN accounts_persons(ARRAY[NEW.by_id, NEW.in_place_of_id]) one ON one.person = barred.person
    ) THEN
      RAISE EXCEPTION 'four eyes: this person is excluded from this ask' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
      SELECT 1 FROM approvals_delegation d
      WHERE d.delegate_id = NEW.by_id AND d.person_id = ANY (approval.excluded) AND {_RUNS}
    ) THEN
      RAISE EXCEPTION 'four eyes: this person decides in an excluded one''s place' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.in_place_of_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM approvals_delegation d JOIN accounts_user u ON u.id = d.person_id AND u.is_active
      WHERE d.delegate_id = NEW.by_id AND d.person_id = NEW.in_place_of_id AND {_RUNS}
    ) THEN
      RAISE EXCEPTION 'nobody decides in the place of another without a delegation' USING ERRCODE = 'check_violation';
    END IF;
    IF approval.part <> '' AND NOT coalesce(NEW.in_place_of_id, NEW.by_id) = ANY (approval.people) THEN
      RAISE EXCEPTION 'only the people who are asked answer this ask' USING ERRCODE = 'check_violation';
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
    """,  # noqa: S608 - our own words
)

PLAN_IS_KEPT = Guard(
    name="is_kept",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    declare=[("moves", "text[] := '{step,status,decided_at,ended_because,steps,excluded}'")],
    func="""
    IF TG_OP = 'DELETE' OR OLD.status <> 'open' OR NEW.step < OLD.step OR NOT NEW.excluded @> OLD.excluded
      OR to_jsonb(NEW) - moves <> to_jsonb(OLD) - moves
    THEN
      RAISE EXCEPTION 'a plan only goes on, and is over once' USING ERRCODE = 'check_violation';
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
      SELECT FROM accounts_persons(OLD.excluded || OLD.person_id || OLD.proposed_by_id) barred
      JOIN accounts_persons(ARRAY[second.id]) one ON one.person = barred.person
    ) THEN
      RAISE EXCEPTION 'four eyes: who proposed it does not confirm it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)

ONLY_ENDS = Guard(
    name="only_ends",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    declare=[("ends", "text[] := '{ended_at,ended_by_id,version}'")],
    func="""
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
      OR to_jsonb(NEW) - ends <> to_jsonb(OLD) - ends
    THEN
      RAISE EXCEPTION 'a delegation is ended once, and changed in nothing else' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)

# Written one at a time: see the advisory lock of whoever writes them.
ONE_DELEGATE_AT_A_TIME = Guard(
    name="one_delegate_at_a_time",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
    IF EXISTS (
      SELECT 1 FROM approvals_delegation d
      WHERE d.ended_at IS NULL AND d.starts_at < NEW.ends_at AND NEW.starts_at < d.ends_at AND (
        (d.person_id, d.record_kind, d.panel_kind) = (NEW.person_id, NEW.record_kind, NEW.panel_kind)
          AND d.panel_id IS NOT DISTINCT FROM NEW.panel_id
        OR (d.person_id, d.delegate_id) = (NEW.delegate_id, NEW.person_id)
      )
    ) THEN
      RAISE EXCEPTION 'one delegate at a time, and never in each other''s place' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
