-- Empties the texts of some fields, and all remarks, in the history of records whose texts were purged: who did what and
-- when stays. Of records that no run has taken, nothing is changed. Returns how many entries were.

CREATE OR REPLACE FUNCTION retention_empty_history(kind text, ids bigint[], fields text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changed bigint[];
BEGIN
  IF EXISTS (SELECT FROM unnest(ids) AS wanted WHERE NOT EXISTS (
    SELECT FROM retention_purged p WHERE p.record_kind = kind AND p.record_id = wanted
  )) THEN
    RAISE EXCEPTION 'no run of retention has taken these records' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM set_config('headroom.emptying', array_to_json(fields)::text, true);
  WITH emptied AS (
    UPDATE audit_entry SET changes = audit_emptied(changes, fields), remark = ''
    WHERE record_kind = kind AND record_id = ANY (ids) AND (remark <> '' OR changes <> audit_emptied(changes, fields))
    RETURNING id
  ) SELECT coalesce(array_agg(id), '{}') INTO changed FROM emptied;
  PERFORM set_config('headroom.emptying', '', true);
  PERFORM audit_relink(changed, 'purge', NULL);
  RETURN cardinality(changed);
END $$;
