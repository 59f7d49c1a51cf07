-- What a person is or was called: user name, name and addresses, from the account and from its own history. `plain`: a
-- single word without a figure or sign, such as ada or admin: it may be a word of the language, or of ours. What somebody
-- else is called too is nobody's to take away.

CREATE OR REPLACE FUNCTION erasure_words(person bigint) RETURNS TABLE (word text, plain boolean)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
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

-- Both kinds as regular expressions, of what they are called now and of what an erasure under way has kept of before; or
-- of what it kept alone, which needs no look at everything that they ever did. A single word is theirs beyond doubt where
-- it stands as the address of a person.
CREATE OR REPLACE FUNCTION erasure_terms(person bigint, only_kept boolean, OUT within text, OUT whole text)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT concat_ws('|', '(?<![[:alnum:]])(' || string_agg(regexp_replace(word, '(\W)', '\\\1', 'g'), '|'
                  ORDER BY length(word) DESC) FILTER (WHERE NOT plain) || ')(?![[:alnum:]])',
                   '(?<=/people/)(' || string_agg(word, '|') FILTER (WHERE plain AND word ~ '^[[:alnum:]]+$') || ')(?=/)'),
         coalesce(string_agg(regexp_replace(word, '(\W)', '\\\1', 'g'), '|') FILTER (WHERE plain), '')
  FROM (SELECT word, plain FROM erasure_words(person) WHERE NOT only_kept
        UNION SELECT word, plain FROM erasure_erasureword WHERE user_id = person) AS theirs
$$;

-- How a column is masked, as SQL of $1 within, $2 whole and $3 the mask.
CREATE OR REPLACE FUNCTION erasure_mask_of(col text, kind text, longest integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT CASE kind
    WHEN 'jsonb' THEN format('audit_masked_json(%I, $1, $2, $3)', col)
    WHEN '_text' THEN format('ARRAY(SELECT audit_masked(o, $1, $2, $3) FROM unnest(%I) WITH ORDINALITY AS e(o, n) ORDER BY n)', col)
    WHEN '_varchar' THEN format('ARRAY(SELECT audit_masked(o, $1, $2, $3) FROM unnest(%I) WITH ORDINALITY AS e(o, n) ORDER BY n)::varchar[]', col)
    ELSE format('left(audit_masked(%I, $1, $2, $3), %s)', col, coalesce(longest, 1000000000)) END
$$;

-- Columns in which names may stand; `sealed`: tables whose rows are proven by a hash, or are emptied otherwise. Of one
-- table, or of all that the caller reads.
CREATE OR REPLACE FUNCTION erasure_columns(sealed text[], of_table text DEFAULT NULL)
RETURNS TABLE (tab text, col text, kind text, longest integer)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT c.relname::text, a.attname::text, t.typname::text,
         CASE WHEN t.typname = 'varchar' AND a.atttypmod > 4 THEN a.atttypmod - 4 END
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
  WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
    AND (of_table IS NULL OR c.oid = to_regclass(quote_ident(of_table)))
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND t.typname IN ('text', 'varchar', 'jsonb', '_text', '_varchar')
    AND c.relname !~ '^(django|auth)_' AND NOT c.relname::text = ANY (sealed)
    AND (c.relname, a.attname) <> ('accounts_user', 'password')
    AND has_table_privilege(c.oid, 'SELECT')
  ORDER BY 1, 2
$$;

-- Rows that name somebody: {table.column: rows}. Words that are not plain count wherever they stand; plain ones where a
-- column names somebody (`named`: table.column).
CREATE OR REPLACE FUNCTION erasure_count(person bigint, sealed text[], named text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  terms record; one record; here text; counted bigint; counts jsonb := '{}'; mask text := 'erased-' || person;
BEGIN
  SELECT * INTO terms FROM erasure_terms(person, false);
  FOR one IN SELECT * FROM erasure_columns(sealed) LOOP
    here := CASE WHEN (one.tab || '.' || one.col) = ANY (named) THEN terms.whole ELSE '' END;
    CONTINUE WHEN terms.within = '' AND here = '';
    EXECUTE format('SELECT count(*) FROM %1$I WHERE %2$I::text ~* $4 AND %3$s IS DISTINCT FROM %2$I',
                   one.tab, one.col, erasure_mask_of(one.col, one.kind, one.longest))
      INTO counted USING terms.within, here, mask, concat_ws('|', nullif(terms.within, ''), nullif(here, ''));
    IF counted > 0 THEN
      counts := counts || jsonb_build_object(one.tab || '.' || one.col, counted);
    END IF;
  END LOOP;
  RETURN counts;
END $$;

-- Keeps what they are and were called, until the erasure has ended: on its way it takes these words from the history
-- that tells them. Of an account that is active, that must be kept, or whose erasure nobody has begun: refused.
CREATE OR REPLACE FUNCTION erasure_begin(person bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM erasure_refused(person);
  INSERT INTO erasure_erasureword (user_id, word, plain)
  SELECT person, word, plain FROM erasure_words(person)
  ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION erasure_end(person bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM erasure_erasureword WHERE user_id = person
$$;

CREATE OR REPLACE FUNCTION erasure_refused(person bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM erasure_erasure e JOIN accounts_user u ON u.id = e.user_id
                 WHERE e.user_id = person AND NOT u.is_active)
     OR EXISTS (SELECT FROM erasure_legalhold WHERE user_id = person) THEN
    RAISE EXCEPTION 'nobody has begun to erase this person' USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

-- Replaces their names by `erased-<id>` in the rows of some blocks of a table; returns how many rows were changed. What
-- is changed in the history gets its link in the chain, because of this erasure. Their names are those that the erasure
-- has kept. Most rows name nobody: one look at all texts of a row together says so.
CREATE OR REPLACE FUNCTION erasure_mask(
  person bigint, named text[], sealed text[], tab text, first_block bigint, last_block bigint
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  terms record; one record; here text; anywhere text; wholly text; names_them text; masked text; counted bigint := 0;
  changed bigint[]; texts text[] := '{}'; sets text[] := '{}'; differs text[] := '{}'; statement text;
  mask text := 'erased-' || person;
BEGIN
  PERFORM erasure_refused(person);
  SELECT * INTO terms FROM erasure_terms(person, true);
  FOR one IN SELECT * FROM erasure_columns(sealed, tab) LOOP
    here := CASE WHEN (one.tab || '.' || one.col) = ANY (named) THEN terms.whole ELSE '' END;
    CONTINUE WHEN terms.within = '' AND here = '';
    masked := erasure_mask_of(one.col, one.kind, one.longest);
    masked := CASE WHEN here = '' THEN replace(masked, '$2', quote_literal('')) ELSE masked END;
    -- $4: words wherever they stand; $5: plain ones too, where they count; $6: those where a text says nothing else. A
    -- text that is found so differs from its mask; of lists and trees that is looked at.
    names_them := format('%I::text ~* %s', one.col, CASE WHEN here = '' THEN '$4' WHEN one.kind IN ('text', 'varchar') THEN '$6' ELSE '$5' END);
    texts := texts || format('%I::text', one.col);
    sets := sets || format('%1$I = CASE WHEN %2$s THEN %3$s ELSE %1$I END', one.col, names_them, masked);
    IF one.kind IN ('text', 'varchar') THEN  -- first: where one of them differs, no tree is compared
      differs := names_them || differs;
    ELSE
      differs := differs || format('(%s AND %s IS DISTINCT FROM %I)', names_them, masked, one.col);
    END IF;
  END LOOP;
  IF cardinality(sets) = 0 THEN
    RETURN 0;
  END IF;
  anywhere := concat_ws('|', nullif(terms.within, ''), nullif(terms.whole, ''));
  wholly := concat_ws('|', nullif(terms.within, ''), '^\s*(' || nullif(terms.whole, '') || ')\s*$');
  PERFORM set_config('headroom.masking', jsonb_build_object(
    'within', terms.within, 'whole', terms.whole, 'mask', mask)::text, true);
  statement := format('UPDATE %I SET %s WHERE ctid >= %L::tid AND ctid < %L::tid AND concat_ws(E''\n'', %s) ~* $5 AND (%s)',
                      tab, array_to_string(sets, ', '), format('(%s,0)', first_block), format('(%s,0)', last_block),
                      array_to_string(texts, ', '), array_to_string(differs, ' OR '));
  IF tab = 'audit_entry' THEN
    EXECUTE format('WITH done AS (%s RETURNING id) SELECT coalesce(array_agg(id), ''{}'') FROM done', statement)
      INTO changed USING terms.within, terms.whole, mask, nullif(terms.within, ''), anywhere, wholly;
    counted := cardinality(changed);
  ELSE
    EXECUTE statement USING terms.within, terms.whole, mask, nullif(terms.within, ''), anywhere, wholly;
    GET DIAGNOSTICS counted = ROW_COUNT;
  END IF;
  PERFORM set_config('headroom.masking', '', true);
  IF counted > 0 AND tab = 'audit_entry' THEN
    PERFORM audit_relink(changed, 'mask', (SELECT id FROM erasure_erasure WHERE user_id = person));
  END IF;
  RETURN counted;
END $$;

-- Takes the values of personal fields out of the history of records whose person is being erased; returns how many
-- entries were changed.
CREATE OR REPLACE FUNCTION erasure_empty_personal(person bigint, kind text, ids bigint[], keys text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changed bigint[];
BEGIN
  PERFORM erasure_refused(person);
  PERFORM set_config('headroom.without', array_to_json(keys)::text, true);
  WITH emptied AS (
    UPDATE audit_entry SET changes = audit_without(changes, keys)
    WHERE record_kind = kind AND record_id = ANY (ids) AND changes IS DISTINCT FROM audit_without(changes, keys)
      AND keys <@ ARRAY(SELECT f.key::text FROM fields_field f WHERE f.personal)
    RETURNING id
  ) SELECT coalesce(array_agg(id), '{}') INTO changed FROM emptied;
  PERFORM set_config('headroom.without', '', true);
  PERFORM audit_relink(changed, 'personal', (SELECT id FROM erasure_erasure WHERE user_id = person));
  RETURN cardinality(changed);
END $$;
