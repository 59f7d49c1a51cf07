"""`confidential.read`: one entry an hour for each person and record, by one statement."""

from typing import Any

from django.db import connection

from itsm.kernel.actors import Actor

# Who looks with the rights of others is noted as themselves, and with whose rights; that they read is a fact of theirs.
_NOTE = """
WITH first AS (
  INSERT INTO audit_trail_confidentialread (user_id, behind, record_kind, record_id, hour)
  VALUES (%(who)s, %(behind)s, %(kind)s, %(id)s, floor(extract(epoch FROM statement_timestamp()) / 3600))
  ON CONFLICT DO NOTHING RETURNING 1
)
INSERT INTO audit_entry (
  actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes, remark, request_id, at
)
SELECT %(who)s, %(name)s, %(account)s, %(via)s, 'confidential.read', %(kind)s, %(id)s, %(reference)s,
       CASE WHEN %(behind)s = '' THEN '{}'::jsonb
            ELSE jsonb_build_object('with_the_rights_of', jsonb_build_array(NULL, %(behind)s)) END,
       '', %(request)s, statement_timestamp()
FROM first
"""


def note(record: Any, actor: Actor) -> None:
    """Note that this person reads this record now. Raises nothing where it is noted already."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "who": actor.id, "behind": actor.looks_as[:150], "kind": record.kind, "id": record.pk,
                "name": actor.name[:150], "account": str(actor.kind), "via": str(actor.via),
                "reference": str(record.reference)[:80], "request": actor.request_id,
            },
        )  # fmt: skip
