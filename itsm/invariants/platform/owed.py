"""What came in is answered for, what is owed leaves or is visibly dead, one key has one effect: I9 to I11."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.invariants.known import Invariant, Question, register

_MAIL_UNDONE = """
SELECT 'incoming_mail', 'mail-' || m.id, ''
FROM mail_incomingmail m WHERE m.status = 'new' AND m.received_at < %(at)s - interval '5 minutes'
"""
_MAIL_NOWHERE = """
SELECT 'incoming_mail', 'mail-' || m.id, m.status
FROM mail_incomingmail m
WHERE m.id > %(after)s AND m.id <= %(upto)s
  AND (m.status = 'applied' AND m.record_id IS NULL OR m.status IN ('parked', 'ignored') AND m.reason = '')
"""
_MAIL_TWICE = """
SELECT 'incoming_mail', 'mail-' || max(m.id), count(*)::text
FROM mail_incomingmail m WHERE m.uid IS NOT NULL
GROUP BY m.mailbox_id, m.uidvalidity, m.uid HAVING count(*) > 1
"""
INTAKE = Invariant(
    "I9",
    _("What was taken in became exactly one record, or lies where people see why not"),
    _("Whoever was told “we have it” must never have to ask again: nothing taken in is lost, or there twice."),
    (
        Question(
            "mail", _("%(reference)s came in and nothing became of it for five minutes."), _MAIL_UNDONE, punctual=True
        ),
        Question(
            "mail_nowhere",
            _("%(reference)s is %(detail)s, and nothing says where it is or why."),
            _MAIL_NOWHERE,
            walks="mail_incomingmail",
        ),
        Question("mail_twice", _("%(reference)s was taken in %(detail)s times."), _MAIL_TWICE, heavy=True),
    ),
)

_UNDONE = """
SELECT '{kind}', '{kind} ' || t.id, ''
FROM {table} t WHERE t.status = 'new' AND t.received_at < %(at)s - interval '5 minutes'
"""


def taken_in(name: str, kind: str, table: str, *, undone: Any) -> None:
    """What an app above takes in by a door of its own: rows with `status` ("new" until applied) and `received_at`; that
    what was parked says why, a constraint of the table sees to. `undone`: a sentence. Called once, at start."""
    found = _UNDONE.format(kind=kind, table=table)
    register(Invariant(INTAKE.id, INTAKE.title, INTAKE.why, (Question(name, undone, found, punctual=True),)))


_UNSENT = """
SELECT 'delivery', d.key, d.channel
FROM notifications_delivery d
WHERE d.delivered_at IS NULL AND d.dead_at IS NULL AND d.attempts = 0 AND d.lane <> 'bulk'
  AND d.due_at < %(at)s - interval '60 seconds'
  AND NOT EXISTS (SELECT FROM notifications_quarantine q WHERE q.released_at IS NULL)
  AND NOT EXISTS (
    SELECT FROM notifications_delivery e
    WHERE e.aggregate = d.aggregate AND e.id < d.id AND e.delivered_at IS NULL AND e.dead_at IS NULL
  )
"""
# A day of them: what is purged is older.
_MAILED = """
SELECT 'notification', 'notification-' || n.id, n.event
FROM notifications_notification n
WHERE n.id > %(after)s AND n.id <= %(upto)s AND n.is_mailed AND n.created_at > now() - interval '1 day'
  AND NOT EXISTS (SELECT FROM notifications_delivery d WHERE d.key = 'notification-' || n.id)
"""
_MESSAGES = """
SELECT 'webhook', w.key, ''
FROM webhooks_webhookdelivery w
WHERE w.id > %(after)s AND w.id <= %(upto)s AND w.created_at > now() - interval '1 day'
  AND NOT EXISTS (SELECT FROM notifications_delivery d WHERE d.key = w.key)
"""
_WITHOUT_CAUSE = """
SELECT 'delivery', d.key, d.channel
FROM notifications_delivery d
WHERE d.delivered_at IS NULL AND d.dead_at IS NULL AND d.channel = 'mail' AND d.payload ? 'notification'
  AND NOT EXISTS (SELECT FROM notifications_notification n WHERE n.id = (d.payload ->> 'notification')::bigint)
"""
DELIVERED = Invariant(
    "I10",
    _("What happened is told, or visibly given up; nothing else is told"),
    _("A word that was owed and is not there reaches nobody, and nobody notices."),
    (
        Question(
            "unsent", _("%(reference)s (%(detail)s) is owed for a minute and nobody tried."), _UNSENT, punctual=True
        ),
        Question(
            "mailed",
            _("%(reference)s is to be mailed, and no delivery is owed for it (%(detail)s)."),
            _MAILED,
            walks="notifications_notification",
        ),
        Question(
            "messages",
            _("Message %(reference)s was logged, and no delivery is owed for it."),
            _MESSAGES,
            walks="webhooks_webhookdelivery",
        ),
        Question("without_cause", _("%(reference)s tells of nothing that is there."), _WITHOUT_CAUSE),
    ),
)

_TWO_EFFECTS = """
SELECT 'idempotency_key', i.route || ' ' || i.key, count(*)::text
FROM api_idempotencyrecord i GROUP BY i.principal, i.route, i.key HAVING count(*) > 1
"""
_NO_ANSWER = """
SELECT 'idempotency_key', i.route || ' ' || i.key, ''
FROM api_idempotencyrecord i WHERE i.status IS NULL AND i.created_at < %(at)s - interval '10 minutes'
"""
ONE_EFFECT = Invariant(
    "I11",
    _("A request that is sent again has one effect and the same answer"),
    _("Pipelines send again what they got no answer to. A second effect is a second change, incident or token."),
    (
        Question("two", _("Key %(reference)s is kept %(detail)s times."), _TWO_EFFECTS, heavy=True),
        Question("none", _("Key %(reference)s was taken ten minutes ago, and has no answer."), _NO_ANSWER, heavy=True),
    ),
)
