"""Four eyes, held by the database: an answer comes from an active person who is not excluded.

A program that is excluded excludes the person who owns it.
"""

from django.db.migrations.operations import RunSQL

FOUR_EYES = RunSQL(
    sql="""
    CREATE FUNCTION approvals_four_eyes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE approval approvals_approvalrequest%ROWTYPE; person accounts_user%ROWTYPE;
    BEGIN
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
      IF approval.status <> 'open' OR approval.content_hash <> NEW.content_hash THEN
        RAISE EXCEPTION 'this ask is settled or about other content' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER approvals_four_eyes BEFORE INSERT ON approvals_approvaldecision
      FOR EACH ROW EXECUTE FUNCTION approvals_four_eyes();""",
    reverse_sql="""
    DROP TRIGGER approvals_four_eyes ON approvals_approvaldecision;
    DROP FUNCTION approvals_four_eyes();""",
)

SECOND_PERSON = RunSQL(
    sql="""
    CREATE FUNCTION approvals_second_person() RETURNS trigger
      LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE second accounts_user%ROWTYPE;
    BEGIN
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
    END $$;
    CREATE TRIGGER approvals_second_person BEFORE UPDATE ON approvals_confirmation
      FOR EACH ROW WHEN (NEW.status = 'confirmed') EXECUTE FUNCTION approvals_second_person();""",
    reverse_sql="""
    DROP TRIGGER approvals_second_person ON approvals_confirmation;
    DROP FUNCTION approvals_second_person();""",
)
