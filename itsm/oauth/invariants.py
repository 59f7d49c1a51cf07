"""What a person consented to ends with the agent: a question of I16."""

from django.utils.translation import gettext_lazy as _

from itsm.invariants.known import Invariant, Question
from itsm.invariants.platform.ways_in import WAYS_IN

_OPEN = """
SELECT 'agent', u.username, 'oauth-' || o.id
FROM oauth_oauthgrant o JOIN agents_agent g ON g.id = o.agent_id JOIN accounts_user u ON u.id = g.account_id
WHERE o.ended_at IS NULL AND o.expires_at > now() AND (g.stopped_at IS NOT NULL OR NOT u.is_active)
"""
ENDED = Invariant(
    WAYS_IN.id,
    WAYS_IN.title,
    WAYS_IN.why,
    (Question("consents", _("%(reference)s was stopped or ended, and %(detail)s still gives it tokens."), _OPEN),),
)
