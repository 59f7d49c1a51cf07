"""Who was let go has no way in: I16."""

from django.utils.translation import gettext_lazy as _

from itsm.invariants.known import Invariant, Question

_SESSIONS = """
SELECT 'account', u.username, left(s.key_hash, 16)
FROM accounts_user u JOIN accounts_session s ON s.user_id = u.id
WHERE NOT u.is_active AND s.expires_at > now()
"""
_TOKENS = """
SELECT 'account', u.username, t.prefix
FROM accounts_user u JOIN accounts_token t ON t.owner_id = u.id
WHERE NOT u.is_active AND t.revoked_at IS NULL AND t.expires_at > now()
"""
_PROGRAMS = """
SELECT 'account', p.username, u.username
FROM accounts_user u JOIN accounts_user p ON p.owner_id = u.id
WHERE NOT u.is_active AND p.is_active
"""
_DEVICES = """
SELECT 'account', u.username, ''
FROM accounts_user u JOIN notifications_pushdevice d ON d.user_id = u.id WHERE NOT u.is_active
"""
WAYS_IN = Invariant(
    "I16",
    _("Who was deactivated has no session, no token, and no program that goes on"),
    _("A leaver who still gets in is the most usual hole of all."),
    (
        Question("sessions", _("%(reference)s was deactivated and is still signed in (%(detail)s)."), _SESSIONS),
        Question("tokens", _("%(reference)s was deactivated, and its token %(detail)s still lets in."), _TOKENS),
        Question("programs", _("%(reference)s is active, and its owner %(detail)s is not."), _PROGRAMS),
        Question("devices", _("A device of %(reference)s, who was deactivated, is still told."), _DEVICES),
    ),
)
