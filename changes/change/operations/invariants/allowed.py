"""What must hold of allowances: no agent went without people but on a share of its own, and no headroom is shared out
twice. Asked of the records themselves, not of what the gate noted of them.
"""

from django.utils.translation import gettext_lazy as _

from itsm.invariants import Question

_WITHOUT = """
SELECT 'decision', 'decision-' || d.id, u.username
FROM changes_decision d
JOIN catalog_service s ON s.slug = d.evidence #>> '{change,service}'
JOIN accounts_user u ON u.account_type = 'agent' AND u.id = ANY (ARRAY[
  substring(d.evidence #>> '{change,requester}' FROM '^user:([0-9]{1,18})$'),
  substring(d.evidence #>> '{change,author}' FROM '^user:([0-9]{1,18})$'),
  substring(d.evidence #>> '{change,implementer}' FROM '^user:([0-9]{1,18})$')
]::bigint[])
WHERE d.id > %(after)s AND d.id <= %(upto)s AND d.outcome = 'approved'
  AND coalesce((d.evidence #>> '{change,is_production}')::boolean, true)
  AND NOT EXISTS (
    SELECT FROM changes_allowance a
    JOIN changes_allowanceentry e ON e.allowance_id = a.id AND e.what = 'given' AND e.at <= d.decided_at
    WHERE a.agent_id = u.id AND a.service_id = s.id
      AND (a.ended_at IS NULL OR a.ended_at > d.decided_at - interval '5 seconds')
  )
"""
ON_ITS_OWN = Question(
    "agent",
    _("%(reference)s approved a change of the software agent %(detail)s, which had no share of the headroom."),
    _WITHOUT,
    walks="changes_decision",
)
SHARED_OUT = Question(
    "shared",
    _("More than the whole headroom of %(reference)s is shared out (%(detail)s)."),
    """
SELECT 'service', s.slug, sum(a.share)::text
FROM changes_allowance a JOIN catalog_service s ON s.id = a.service_id
WHERE a.ended_at IS NULL GROUP BY s.slug HAVING sum(a.share) > 1
""",
)
