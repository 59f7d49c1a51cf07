"""What policies in shadow would have said: found from the evidence that each decision keeps, after it was made.

So a shadow costs no evaluation a moment, and whatever the gate decided while no worker ran is caught up with.
"""

from datetime import datetime, timedelta

from django.db import connection

from changes.back_tests import rules
from changes.back_tests.models import ShadowAnswer
from changes.back_tests.vocabulary import Refusal
from changes.gate.policy import policy_from_json
from changes.policies.models import GatePolicy
from changes.policies.queries import content_hash
from itsm.one_by_one import one_by_one

AT_ONCE = 1000
# A decision is seen once it is committed, perhaps after newer ones: so long it is looked for.
LOOKS_BACK = timedelta(days=2)

_UNHEARD = """
SELECT d.id, d.outcome, d.decided_at, d.evidence::text, d.evidence_hash, v.hash
FROM changes_decision d JOIN changes_policyversion v ON v.id = d.policy_id
WHERE d.decided_at >= %(since)s AND NOT EXISTS (
  SELECT FROM changes_shadowanswer s WHERE s.policy_id = %(policy)s AND s.decision_id = d.id)
ORDER BY d.decided_at, d.id LIMIT %(most)s
"""


def record_shadows(at: datetime) -> int:
    """Record what each shadow would have said of the decisions since. Returns how many answers were written.

    Safe to run twice and beside others: a decision is answered once per policy.
    """
    shadows = GatePolicy.objects.exclude(shadow_since=None).order_by("pk")
    return one_by_one(shadows, lambda policy: _record(policy, at), what="what shadows would have said")


def _record(policy: GatePolicy, at: datetime) -> int:
    if policy.shadow_since is None:
        return 0
    since = max(policy.shadow_since, at - LOOKS_BACK)
    with connection.cursor() as cursor:
        cursor.execute(_UNHEARD, {"since": since, "policy": policy.pk, "most": AT_ONCE})
        found = cursor.fetchall()
    judged_by, known_by, made = policy_from_json(policy.content), content_hash(policy), list[ShadowAnswer]()
    for decision_id, outcome, decided_at, text, evidence_hash, policy_hash in found:
        evidence = rules.evidence_of(text, decided_at, evidence_hash, policy_hash)
        answer = evidence if isinstance(evidence, Refusal) else rules.said_of(evidence, judged_by)
        # What cannot be judged is no agreement: people would look.
        said = "blocked" if isinstance(answer, Refusal) else answer.value
        made.append(
            ShadowAnswer(
                policy=policy, decision_id=decision_id, content_hash=known_by, outcome=said, differs=said != outcome
            )
        )
    ShadowAnswer.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)
