-- The natural person behind each of these accounts: of a program its owner, of an account that was merged the one into
-- which, to the end, however many steps that is. A circle, which nothing here makes, ends as well: it is one person.
CREATE OR REPLACE FUNCTION accounts_persons(of_accounts bigint[])
RETURNS TABLE (account bigint, person bigint) LANGUAGE sql STABLE ROWS 5 BEGIN ATOMIC
  WITH RECURSIVE up (account, id, next) AS (
    SELECT u.id, u.id, coalesce(u.merged_into_id, u.owner_id) FROM accounts_user u WHERE u.id = ANY (of_accounts)
    UNION
    SELECT up.account, u.id, coalesce(u.merged_into_id, u.owner_id) FROM up JOIN accounts_user u ON u.id = up.next
  )
  SELECT up.account, coalesce(min(up.id) FILTER (WHERE up.next IS NULL), min(up.next)) FROM up GROUP BY up.account;
END;

-- These people, and every account that counts as one of them: programs that they own, accounts that were merged into
-- theirs, and programs of those.
CREATE OR REPLACE FUNCTION accounts_counting_as(of_people bigint[])
RETURNS TABLE (id bigint) LANGUAGE sql STABLE ROWS 10 BEGIN ATOMIC
  WITH RECURSIVE down (id) AS (
    SELECT u.id FROM accounts_user u WHERE u.id = ANY (of_people)
    UNION
    SELECT u.id FROM down JOIN accounts_user u ON u.owner_id = down.id OR u.merged_into_id = down.id
  )
  SELECT down.id FROM down;
END;
