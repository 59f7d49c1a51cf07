"""Who was stopped has no way in: questions of I16 about software agents."""

from django.utils.translation import gettext_lazy as _

from itsm.invariants.known import Invariant, Question
from itsm.invariants.platform.ways_in import WAYS_IN

_STOPPED = """
SELECT 'agent', u.username, t.prefix
FROM agents_agent g JOIN accounts_user u ON u.id = g.account_id JOIN accounts_token t ON t.owner_id = u.id
WHERE g.stopped_at IS NOT NULL AND t.revoked_at IS NULL AND t.expires_at > now()
"""
# What opens the desk itself, or lasts longer than a day, is none of an agent's tokens.
_ODD = """
SELECT 'agent', u.username, t.prefix
FROM accounts_user u JOIN accounts_token t ON t.owner_id = u.id
WHERE u.account_type = 'agent' AND t.revoked_at IS NULL AND t.expires_at > now()
  AND (t.scopes IS NULL OR t.expires_at > t.created_at + interval '25 hours')
"""
STOPPED = Invariant(
    WAYS_IN.id,
    WAYS_IN.title,
    WAYS_IN.why,
    (
        Question("stopped agents", _("%(reference)s was stopped, and its token %(detail)s still lets in."), _STOPPED),
        Question("tokens of agents", _("Token %(detail)s of %(reference)s holds more than an agent's may."), _ODD),
    ),
)
