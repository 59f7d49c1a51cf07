"""What the database holds about people: no circle in who reports to whom nor in places, and one primary address.

A manager is a person; whoever changes a manager waits for others who do, so that two changes make no circle together.
"""

import pgtrigger
from django.db.migrations.operations import RunSQL

from itsm.audit.triggers import Guard

NO_CIRCLE = RunSQL(
    sql="""
    CREATE FUNCTION accounts_reporting_line_has_no_circle() RETURNS trigger
      LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(x'4D475200'::int);  -- held until the transaction ends
      IF NOT EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.manager_id AND account_type = 'human') THEN
        RAISE EXCEPTION 'a manager is a person' USING ERRCODE = 'check_violation';
      END IF;
      IF EXISTS (
        WITH RECURSIVE above(id) AS (
          SELECT NEW.manager_id
          UNION
          SELECT one.manager_id FROM accounts_user one JOIN above ON one.id = above.id
          WHERE one.manager_id IS NOT NULL
        )
        SELECT 1 FROM above WHERE id = NEW.id
      ) THEN
        RAISE EXCEPTION 'nobody reports to themselves, directly or through others' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER accounts_reporting_line_has_no_circle BEFORE INSERT OR UPDATE OF manager_id ON accounts_user
      FOR EACH ROW WHEN (NEW.manager_id IS NOT NULL) EXECUTE FUNCTION accounts_reporting_line_has_no_circle();""",
    reverse_sql="""
    DROP TRIGGER accounts_reporting_line_has_no_circle ON accounts_user;
    DROP FUNCTION accounts_reporting_line_has_no_circle();""",
)

PRIMARY_ADDRESS = RunSQL(
    sql="""
    CREATE FUNCTION accounts_primary_address() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE whose bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.user_id ELSE NEW.user_id END;
    BEGIN
      UPDATE accounts_user SET email = coalesce(
        (SELECT address.email FROM accounts_emailaddress address WHERE address.user_id = whose AND address.is_primary),
        ''
      ) WHERE id = whose;
      RETURN NULL;
    END $$;
    CREATE TRIGGER accounts_primary_address AFTER INSERT OR UPDATE OR DELETE ON accounts_emailaddress
      FOR EACH ROW EXECUTE FUNCTION accounts_primary_address();""",
    reverse_sql="""
    DROP TRIGGER accounts_primary_address ON accounts_emailaddress;
    DROP FUNCTION accounts_primary_address();""",
)

NO_PLACE_IN_ITSELF = Guard(
    name="has_no_circle",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
    condition=pgtrigger.Condition("NEW.parent_id IS NOT NULL"),
    func="""
    PERFORM pg_advisory_xact_lock(x'4D475201'::int);  -- held until the transaction ends
    IF EXISTS (
      WITH RECURSIVE above(id) AS (
        SELECT NEW.parent_id
        UNION
        SELECT one.parent_id FROM accounts_location one JOIN above ON one.id = above.id
        WHERE one.parent_id IS NOT NULL
      )
      SELECT 1 FROM above WHERE id = NEW.id
    ) THEN
      RAISE EXCEPTION 'no place lies in itself, directly or through others' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
