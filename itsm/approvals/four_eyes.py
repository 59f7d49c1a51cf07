"""Four eyes, held by the database: an answer comes from an active person who is not excluded.

A program that is excluded excludes the person who owns it.
"""

from django.db.migrations.operations import RunSQL

FOUR_EYES = RunSQL(
    sql="""
    CREATE FUNCTION approvals_four_eyes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE put approvals_ask%ROWTYPE; person accounts_user%ROWTYPE;
    BEGIN
      SELECT * INTO put FROM approvals_ask WHERE id = NEW.ask_id;
      SELECT * INTO person FROM accounts_user WHERE id = NEW.by_id;
      IF NEW.by_id = ANY (put.excluded) OR EXISTS (
        SELECT 1 FROM accounts_user WHERE id = ANY (put.excluded) AND owner_id = NEW.by_id
      ) THEN
        RAISE EXCEPTION 'four eyes: this person is excluded from this ask' USING ERRCODE = 'check_violation';
      END IF;
      IF person.nature <> 'human' OR NOT person.is_active THEN
        RAISE EXCEPTION 'only active people answer asks' USING ERRCODE = 'check_violation';
      END IF;
      IF put.status <> 'open' OR put.content_hash <> NEW.content_hash THEN
        RAISE EXCEPTION 'this ask is settled or about other content' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER approvals_four_eyes BEFORE INSERT ON approvals_answer
      FOR EACH ROW EXECUTE FUNCTION approvals_four_eyes();""",
    reverse_sql="""
    DROP TRIGGER approvals_four_eyes ON approvals_answer;
    DROP FUNCTION approvals_four_eyes();""",
)
