"""Who was made able to decide by whoever asks is no second person, for a week.

One administrator could otherwise make a colleague, or take over one who sleeps, and agree with themselves within a
minute. A week is what a proposal waits for: long enough to be seen by others in the history. What was done in the
desk's own first week counts for nobody: then one person makes everybody, and there is nothing yet to talk anybody into.
Whom a provider's group gave it (`itsm.identity`), counts as raised by who mapped that group.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted

DAYS = 7
# What makes somebody able to decide, or hands the account to somebody: who comes in by a provider as an account that is
# merged into this one, comes in as this one. Of what was edited only more roles and another
# address count; and that they were made the manager of one of those who ask, whom managers decide about.
_EVENTS = [
    "user.created", "user.edited", "user.invited", "user.reset_sent", "user.address_added", "user.address_chosen",
    "user.reactivated", "user.factor_reset_asked", "user.absorbed",
]  # fmt: skip
# Of an own role that the person holds: who made it, wanted more in it, or confirmed that.
_WIDENING = ["own_role.created", "own_role.widening_proposed", "own_role.widened"]
_RAISED = """
WITH persons AS (
  SELECT DISTINCT person AS id FROM accounts_persons(%(asking)s::bigint[])
),
askers AS (
  SELECT id FROM accounts_counting_as(ARRAY(SELECT id FROM persons))
)
(SELECT e.actor_name
FROM audit_entry e JOIN accounts_user u ON u.id = %(person)s
WHERE e.actor_id IN (SELECT id FROM askers) AND e.actor_id <> u.id
  AND e.at > now() - make_interval(days => %(days)s)
  AND e.at > (SELECT min(created_at) FROM accounts_user) + make_interval(days => %(days)s)
  AND (
    e.record_kind = 'user' AND e.record_id = u.id AND e.event = ANY (%(events)s)
    AND (
      e.event <> 'user.edited' OR e.changes ? 'email'
      OR NOT coalesce(e.changes #> '{roles,0}' @> (e.changes #> '{roles,1}'), true)
      OR NOT coalesce(e.changes #> '{own_roles,0}' @> (e.changes #> '{own_roles,1}'), true)
    )
    OR e.record_kind = 'own_role' AND e.event = ANY (%(widening)s)
    AND (SELECT slug FROM accounts_ownrole WHERE id = e.record_id) = ANY (u.own_roles)
    OR e.record_kind = 'team' AND e.changes #> '{joined,1}' ? u.username
    OR e.record_kind = 'user' AND e.record_id = ANY (%(asking)s)
    AND (e.changes #>> '{manager_id,1}' = u.id::text OR e.changes #>> '{manager,1}' = u.username)
  )
ORDER BY e.id DESC LIMIT 1)
UNION ALL
(SELECT coalesce(nullif(m.name, ''), m.username)
FROM audit_entry e JOIN accounts_user m ON e.changes #> '{mapped_by,1}' ? m.id::text
WHERE e.record_kind = 'user' AND e.record_id = %(person)s AND e.event = 'user.provisioned'
  AND m.id IN (SELECT id FROM askers) AND m.id <> %(person)s
  AND e.at > now() - make_interval(days => %(days)s)
  AND e.at > (SELECT min(created_at) FROM accounts_user) + make_interval(days => %(days)s)
LIMIT 1)
LIMIT 1
"""


def raised_by(person_id: int, asking: Collection[int | None]) -> str | None:
    """The name of whoever of these accounts, or of the people and programs behind them, made this person able to
    decide within the last week; None where nobody did. One query.
    """
    known = [one for one in asking if one is not None]
    if not known:
        return None
    said: dict[str, Any] = {
        "person": person_id,
        "asking": known,
        "days": DAYS,
        "events": _EVENTS,
        "widening": _WIDENING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RAISED, said)
        row = cursor.fetchone()
    return str(row[0]) if row else None


def require_not_raised(actor: Actor, asking: Collection[int | None], *, reference: str) -> None:
    """Raise NotPermitted for a person whom one of those who ask made able to decide within the last week."""
    by = raised_by(actor.id, asking) if actor.id is not None else None
    if by is not None:
        raise NotPermitted(
            gettext(
                "Four eyes: %(by)s, who wants %(reference)s, made the account of %(actor_name)s, or let it in or gave "
                "it a role or a team, less than %(days)d days ago; another person decides."
            )
            % {"by": by, "reference": reference, "actor_name": actor.name, "days": DAYS}
        )
