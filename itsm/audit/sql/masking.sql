-- Names of a person who is erased, made unreadable in what was written. `within`: a regular expression of what is
-- theirs wherever it stands; `whole`: one of what is theirs only where a value says nothing else. Empty: nothing.

-- Written so that the statements that call it take it in; names in it are bound when it is made.
CREATE OR REPLACE FUNCTION audit_masked(said text, within text, whole text, mask text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
  SELECT CASE WHEN whole <> '' AND said ~* ('^\s*(' || whole || ')\s*$') THEN mask
              WHEN within = '' THEN said ELSE regexp_replace(said, within, mask, 'gi') END;
END;

-- The same in every text of a JSON value; roles and rights are words of ours, whoever is called so. A call of itself
-- costs more than all the rest: texts of a list, and parts that name nobody, need none.
CREATE OR REPLACE FUNCTION audit_masked_json(said jsonb, within text, whole text, mask text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
DECLARE
  names text := coalesce(nullif(concat_ws('|', nullif(within, ''), nullif(whole, '')), ''), '(?!)');
BEGIN
  RETURN CASE jsonb_typeof(said)
    WHEN 'string' THEN to_jsonb(audit_masked(said #>> '{}', within, whole, mask))
    WHEN 'array' THEN (
      SELECT coalesce(jsonb_agg(CASE jsonb_typeof(one)
               WHEN 'string' THEN to_jsonb(audit_masked(one #>> '{}', within, whole, mask))
               WHEN 'array' THEN audit_masked_json(one, within, whole, mask)
               WHEN 'object' THEN audit_masked_json(one, within, whole, mask) ELSE one END ORDER BY place), '[]')
      FROM jsonb_array_elements(said) WITH ORDINALITY AS each(one, place)
    )
    WHEN 'object' THEN (
      SELECT coalesce(jsonb_object_agg(
        key, CASE WHEN key IN ('roles', 'role', 'right', 'actor_kind', 'via', 'event', 'record_kind') THEN value
                  -- What names nobody stays as it is; a backslash may hide a sign of a name.
                  WHEN position('\' in value::text) = 0 AND value::text !~* names THEN value
                  ELSE audit_masked_json(value, within, whole, mask) END), '{}')
      FROM jsonb_each(said)
    )
    ELSE said
  END;
END $$;

-- Changes of a record [before, after] by field, without the texts of these fields: text becomes a dash, a list or a
-- tree an empty one. That they were changed stays.
CREATE OR REPLACE FUNCTION audit_emptied(said jsonb, fields text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
  SELECT CASE WHEN jsonb_typeof(said) <> 'object' THEN said ELSE coalesce((
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (fields) AND jsonb_typeof(pair) = 'array' THEN (
      SELECT coalesce(jsonb_agg(CASE jsonb_typeof(one)
               WHEN 'string' THEN CASE WHEN one = '""' THEN one ELSE to_jsonb('–'::text) END
               WHEN 'object' THEN '{}' WHEN 'array' THEN '[]' ELSE one END ORDER BY place), '[]')
      FROM jsonb_array_elements(pair) WITH ORDINALITY AS each(one, place)
    ) ELSE pair END)
    FROM jsonb_each(said) AS field(key, pair)
  ), '{}') END
$$;

-- The same without the values of these typed fields, before and after.
CREATE OR REPLACE FUNCTION audit_without(said jsonb, keys text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
  SELECT CASE WHEN jsonb_typeof(said -> 'attributes') IS DISTINCT FROM 'array' THEN said ELSE jsonb_set(said, '{attributes}', (
    SELECT coalesce(jsonb_agg(CASE jsonb_typeof(one) WHEN 'object' THEN one - keys ELSE one END ORDER BY place), '[]')
    FROM jsonb_array_elements(said -> 'attributes') WITH ORDINALITY AS each(one, place)
  )) END
$$;

-- Whether a value differs from what it was by masks alone.
CREATE OR REPLACE FUNCTION audit_is_masked(old_value jsonb, new_value jsonb, terms jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
  SELECT masked IS NOT DISTINCT FROM new_value
    OR masked IS NOT DISTINCT FROM audit_masked_json(new_value, terms ->> 'within', terms ->> 'whole', terms ->> 'mask')
  FROM audit_masked_json(old_value, terms ->> 'within', terms ->> 'whole', terms ->> 'mask') AS masked;
END;

-- Whether a row that only grows differs from what it was by masks alone, while a person is being erased, or by
-- texts that are gone, while those of old records are purged (`retention_empty_history`).
CREATE OR REPLACE FUNCTION audit_only_masks(old_row jsonb, new_row jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  held text := coalesce(current_setting('headroom.masking', true), '');
  emptied text := coalesce(current_setting('headroom.emptying', true), '');
  without text := coalesce(current_setting('headroom.without', true), '');
  terms jsonb;
BEGIN
  IF without <> '' THEN
    RETURN old_row - 'changes' = new_row - 'changes'
      AND new_row -> 'changes' = audit_without(old_row -> 'changes', ARRAY(SELECT jsonb_array_elements_text(without::jsonb)));
  END IF;
  IF emptied <> '' THEN
    RETURN old_row ? 'remark' AND old_row - 'changes' - 'remark' = new_row - 'changes' - 'remark'
      AND new_row ->> 'remark' = ''
      AND new_row -> 'changes' = audit_emptied(old_row -> 'changes', ARRAY(SELECT jsonb_array_elements_text(emptied::jsonb)));
  END IF;
  IF held = '' THEN
    RETURN false;
  END IF;
  terms := held::jsonb;
  RETURN NOT EXISTS (
    SELECT FROM jsonb_each(old_row) AS o(key, value) FULL JOIN jsonb_each(new_row) AS n(key, value) USING (key)
    WHERE o.value IS DISTINCT FROM n.value
      AND (key IN ('actor_kind', 'via', 'event', 'record_kind') OR NOT audit_is_masked(o.value, n.value, terms))
  );
END $$;
