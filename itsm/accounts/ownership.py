"""Programs belong to people, held by the database: the owner of a service account is human, and stays so."""

from django.db.migrations.operations import RunSQL

OWNED_BY_PEOPLE = RunSQL(
    sql="""
    CREATE FUNCTION accounts_programs_belong_to_people() RETURNS trigger
      LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      IF NEW.owner_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounts_user WHERE id = NEW.owner_id AND account_type = 'human' FOR SHARE
      ) THEN
        RAISE EXCEPTION 'the owner of a service account is a person' USING ERRCODE = 'check_violation';
      END IF;
      IF NEW.account_type <> 'human' AND EXISTS (SELECT 1 FROM accounts_user WHERE owner_id = NEW.id) THEN
        RAISE EXCEPTION 'who owns service accounts stays a person' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER accounts_programs_belong_to_people BEFORE INSERT OR UPDATE OF owner_id, account_type ON accounts_user
      FOR EACH ROW EXECUTE FUNCTION accounts_programs_belong_to_people();""",
    reverse_sql="""
    DROP TRIGGER accounts_programs_belong_to_people ON accounts_user;
    DROP FUNCTION accounts_programs_belong_to_people();""",
)
