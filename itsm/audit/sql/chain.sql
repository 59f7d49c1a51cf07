-- The chain over the history: a link for each entry, written when its transaction commits, each with the hash of the one
-- before. Sixteen chains, so that those who commit at the same time seldom wait for each other; the head of a chain
-- is locked last, when all rows of the domain have been, so that nobody waits in a circle.

-- What an entry says, form 1: the text that PostgreSQL gives a row of numbers and texts (the instant as microseconds of
-- UTC), after a salt that is thrown away with the names in it: then nobody finds out by guessing whose they were.
CREATE FUNCTION audit_content(said audit_entry, salt bytea, form smallint) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE WHEN form = 1 THEN sha256(salt || convert_to(ROW(
    (said).id, (extract(epoch FROM (said).at) * 1000000)::bigint, (said).actor_id, (said).actor_name, (said).actor_kind,
    (said).via, (said).event, (said).record_kind, (said).record_id, (said).reference, (said).changes, (said).remark,
    (said).request_id
  )::text, 'UTF8')) END;
END;

-- The hash of a link, over everything else in it but the salt (the content's hash stands for that).
CREATE FUNCTION audit_link_hash(
  previous bytea, content bytea, chain smallint, seq bigint, entry_id bigint, revision integer, because text,
  because_id bigint, form smallint
) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT sha256(previous || content || convert_to(
    ROW(chain, seq, entry_id, revision, because, because_id, form)::text, 'UTF8'));
END;

-- Appends a link to a chain. `revision` 0: the entry as it was written; more: what names or texts were taken from, and
-- `because` of what. The head is locked and says which link is the last; the last link itself is read, so that a head
-- that is missing or behind leads to no fork. In a long transaction (thousands of entries) the head follows only each
-- 64th link: every version of its row would be passed by the next one.
CREATE FUNCTION audit_append(said audit_entry, revision integer, because text, because_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  mine smallint := (pg_backend_pid() % 16)::smallint;
  salt bytea := uuid_send(gen_random_uuid());
  content bytea := audit_content(said, salt, 1::smallint);
  is_long boolean;
  last bigint;
  before bytea;
  made bytea;
BEGIN
  SELECT h.xmin = pg_current_xact_id()::xid AND h.cmin::text::bigint > 400 INTO is_long
    FROM audit_head h WHERE chain = mine FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    INSERT INTO audit_head (chain, seq, hash) VALUES (mine, 0, '') ON CONFLICT DO NOTHING;
    PERFORM FROM audit_head WHERE chain = mine FOR NO KEY UPDATE;
  END IF;
  SELECT l.seq, l.hash INTO last, before FROM audit_link l WHERE l.chain = mine ORDER BY l.seq DESC LIMIT 1;
  IF last IS NULL THEN
    last := 0;
    before := decode(repeat('00', 32), 'hex');
  END IF;
  last := last + 1;
  made := audit_link_hash(before, content, mine, last, said.id, revision, because, because_id, 1::smallint);
  INSERT INTO audit_link (chain, seq, entry_id, revision, because, because_id, form, salt, content, previous, hash)
  VALUES (mine, last, said.id, revision, because, because_id, 1, salt, content, before, made);
  IF is_long IS NOT TRUE OR last % 64 = 0 THEN
    UPDATE audit_head SET seq = last, hash = made WHERE chain = mine;
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION audit_append(audit_entry, integer, text, bigint) FROM PUBLIC;

CREATE FUNCTION audit_entry_is_linked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM audit_append(NEW, 0, '', NULL);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_entry_is_linked AFTER INSERT ON audit_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_entry_is_linked();

-- Appends links for entries that were changed just now, and throws the salts of their older links away. Whoever may
-- change entries calls it in the same transaction, last. What waits for the commit is linked first, as it was written.
-- Thousands come at once: the head is locked and moved once for all of them, as audit_append does for each.
CREATE FUNCTION audit_relink(changed bigint[], because text, because_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  mine smallint := (pg_backend_pid() % 16)::smallint;
  entries bigint[];
  revisions integer[];
  salts bytea[];
  contents bytea[];
  hashes bytea[] := '{}';
  first bigint;
  before bytea;
BEGIN
  SET CONSTRAINTS audit_entry_is_linked IMMEDIATE;
  SET CONSTRAINTS audit_entry_is_linked DEFERRED;
  IF cardinality(changed) = 0 THEN
    RETURN;
  END IF;
  UPDATE audit_link l SET salt = NULL WHERE l.entry_id = ANY (changed) AND l.salt IS NOT NULL
    AND NOT EXISTS (SELECT FROM audit_link n WHERE n.entry_id = l.entry_id AND n.revision > l.revision);
  SELECT array_agg(id ORDER BY id), array_agg(newest + 1 ORDER BY id), array_agg(salt ORDER BY id),
         array_agg(audit_content(said, salt, 1::smallint) ORDER BY id)
    INTO entries, revisions, salts, contents
    FROM (
      SELECT e.id, e AS said, uuid_send(gen_random_uuid()) AS salt,
             (SELECT coalesce(max(l.revision), -1) FROM audit_link l WHERE l.entry_id = e.id) AS newest
      FROM audit_entry e WHERE e.id = ANY (changed) OFFSET 0
    ) AS now;
  PERFORM FROM audit_head WHERE chain = mine FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    INSERT INTO audit_head (chain, seq, hash) VALUES (mine, 0, '') ON CONFLICT DO NOTHING;
    PERFORM FROM audit_head WHERE chain = mine FOR NO KEY UPDATE;
  END IF;
  SELECT l.seq, l.hash INTO first, before FROM audit_link l WHERE l.chain = mine ORDER BY l.seq DESC LIMIT 1;
  IF first IS NULL THEN
    first := 0;
    before := decode(repeat('00', 32), 'hex');
  END IF;
  hashes := hashes || before;
  FOR n IN 1 .. cardinality(entries) LOOP
    before := audit_link_hash(before, contents[n], mine, first + n, entries[n], revisions[n], because, because_id, 1::smallint);
    hashes := hashes || before;
  END LOOP;
  INSERT INTO audit_link (chain, seq, entry_id, revision, because, because_id, form, salt, content, previous, hash)
  SELECT mine, first + n, entries[n], revisions[n], because, because_id, 1, salts[n], contents[n], hashes[n], hashes[n + 1]
  FROM generate_subscripts(entries, 1) AS n;
  UPDATE audit_head SET seq = first + cardinality(entries), hash = before WHERE chain = mine;
END $$;
REVOKE EXECUTE ON FUNCTION audit_relink(bigint[], text, bigint) FROM PUBLIC;

-- Links entries of these ids that have no link, as the owner: of a company whose history began before the chain did.
CREATE FUNCTION audit_adopt(first bigint, last bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  said audit_entry;
  counted bigint := 0;
BEGIN
  FOR said IN SELECT * FROM audit_entry WHERE id BETWEEN first AND last ORDER BY id LOOP
    IF NOT EXISTS (SELECT FROM audit_link l WHERE l.entry_id = said.id) THEN
      PERFORM audit_append(said, 0, '', NULL);
      counted := counted + 1;
    END IF;
  END LOOP;
  RETURN counted;
END $$;
REVOKE EXECUTE ON FUNCTION audit_adopt(bigint, bigint) FROM PUBLIC;
