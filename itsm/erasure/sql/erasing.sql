-- What a person is or was called: user name, name and addresses, from the account and from its own history. `plain`: a
-- single word without a figure or sign, such as ada or admin: it may be a word of the language, or of ours. What somebody
-- else is called too is nobody's to take away.

CREATE OR REPLACE FUNCTION erasure_words(person bigint) RETURNS TABLE (word text, plain boolean)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  WITH said AS (
    SELECT unnest(ARRAY[username, name, email]) AS word FROM accounts_user WHERE id = person
    UNION SELECT email FROM accounts_emailaddress WHERE user_id = person
    UNION SELECT reference FROM audit_entry WHERE record_kind = 'user' AND record_id = person
    UNION SELECT actor_name FROM audit_entry WHERE actor_id = person AND actor_kind = 'human'
    UNION SELECT value #>> '{}'
      FROM audit_entry, jsonb_each(changes) AS field(key, pair),
           jsonb_array_elements(CASE jsonb_typeof(pair) WHEN 'array' THEN pair ELSE '[]' END) AS value
      WHERE record_kind = 'user' AND record_id = person AND key IN ('username', 'name', 'email', 'address', 'addresses')
        AND jsonb_typeof(value) = 'string'
  )
  SELECT DISTINCT btrim(said.word), btrim(said.word) ~ '^[[:alpha:]]+$' OR length(btrim(said.word)) < 4
  FROM said WHERE length(btrim(said.word)) > 1 AND btrim(said.word) !~ '^erased-[0-9]+$'
    AND NOT EXISTS (SELECT FROM accounts_user other WHERE other.id <> person
                    AND lower(btrim(said.word)) IN (lower(other.username), lower(other.name), lower(other.email)))
$$;

-- Replaces them by `erased-<id>` in the whole database, or only counts the rows: {table.column: rows}. Words that are
-- not plain go wherever they stand; plain ones where a column names somebody, or a history names who or what.
-- `sealed`: tables whose rows are proven by a hash; `named`: table.column of those that name somebody.
-- Of an account that is active, that must be kept, or whose erasure nobody has begun, nothing is changed.
CREATE OR REPLACE FUNCTION erasure_mask(person bigint, only_count boolean, sealed text[], named text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  within text; whole text; one record; here text; masked text; counted bigint; counts jsonb := '{}';
  mask text := 'erased-' || person;
BEGIN
  IF NOT only_count AND (
    NOT EXISTS (SELECT FROM erasure_erasure e JOIN accounts_user u ON u.id = e.user_id
                WHERE e.user_id = person AND NOT u.is_active)
    OR EXISTS (SELECT FROM erasure_legalhold WHERE user_id = person)
  ) THEN
    RAISE EXCEPTION 'nobody has begun to erase this person' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- A single word is theirs beyond doubt where it stands as the address of a person.
  SELECT concat_ws('|', '(?<![[:alnum:]])(' || string_agg(regexp_replace(word, '(\W)', '\\\1', 'g'), '|'
                  ORDER BY length(word) DESC) FILTER (WHERE NOT plain) || ')(?![[:alnum:]])',
                   '(?<=/people/)(' || string_agg(word, '|') FILTER (WHERE plain AND word ~ '^[[:alnum:]]+$') || ')(?=/)'),
         coalesce(string_agg(regexp_replace(word, '(\W)', '\\\1', 'g'), '|') FILTER (WHERE plain), '')
    INTO within, whole FROM erasure_words(person);
  PERFORM set_config('headroom.masking',
                     jsonb_build_object('within', within, 'whole', whole, 'mask', mask)::text, true);
  FOR one IN
    SELECT c.table_name AS tab, c.column_name AS col, c.udt_name AS kind, c.character_maximum_length AS longest
    FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema = current_schema() AND c.is_generated = 'NEVER'
      AND c.udt_name IN ('text', 'varchar', 'jsonb', '_text', '_varchar')
      AND c.table_name !~ '^(django|auth)_' AND NOT c.table_name = ANY (sealed)
      AND (c.table_name, c.column_name) <> ('accounts_user', 'password')
    ORDER BY 1, 2
  LOOP
    here := CASE WHEN (one.tab || '.' || one.col) = ANY (named) THEN whole ELSE '' END;
    CONTINUE WHEN within = '' AND here = '';
    masked := CASE one.kind
      WHEN 'jsonb' THEN format('audit_masked_json(%I, $1, $2, $3)', one.col)
      WHEN '_text' THEN format('ARRAY(SELECT audit_masked(o, $1, $2, $3) FROM unnest(%I) WITH ORDINALITY AS e(o, n) ORDER BY n)', one.col)
      WHEN '_varchar' THEN format('ARRAY(SELECT audit_masked(o, $1, $2, $3) FROM unnest(%I) WITH ORDINALITY AS e(o, n) ORDER BY n)::varchar[]', one.col)
      ELSE format('left(audit_masked(%I, $1, $2, $3), %s)', one.col, coalesce(one.longest, 1000000000)) END;
    IF only_count THEN
      EXECUTE format('SELECT count(*) FROM %I WHERE %I::text ~* $4 AND %s IS DISTINCT FROM %I',
                     one.tab, one.col, masked, one.col)
        INTO counted USING within, here, mask, concat_ws('|', nullif(within, ''), nullif(here, ''));
    ELSE
      EXECUTE format('UPDATE %I SET %I = %s WHERE %I::text ~* $4 AND %s IS DISTINCT FROM %I',
                     one.tab, one.col, masked, one.col, masked, one.col)
        USING within, here, mask, concat_ws('|', nullif(within, ''), nullif(here, ''));
      GET DIAGNOSTICS counted = ROW_COUNT;
    END IF;
    IF counted > 0 THEN
      counts := counts || jsonb_build_object(one.tab || '.' || one.col, counted);
    END IF;
  END LOOP;
  PERFORM set_config('headroom.masking', '', true);
  RETURN counts;
END $$;
