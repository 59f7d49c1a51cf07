"""What decisions rest on is a version that somebody else approved, and that never changed since: I14."""
# ruff: noqa: S608 -- statements of our own words

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from changes.gate.canonical import sha256_of
from changes.policies.models import PolicyVersion
from itsm.accounts.interest import same_person
from itsm.invariants import Found, Invariant, Question

_UNAPPROVED = f"""
SELECT 'policy', v.slug || ' v' || v.number, ''
FROM changes_policyactivation n JOIN changes_policyversion v ON v.id = n.version_id
WHERE CASE WHEN n.answer_id IS NULL THEN
    v.number <> 1 OR v.proposed_by_id IS NOT NULL
    OR EXISTS (SELECT FROM changes_policyactivation b WHERE b.id < n.id)
  ELSE NOT EXISTS (
    SELECT FROM approvals_approvaldecision a
    JOIN approvals_approvalrequest k ON k.id = a.ask_id
    WHERE a.id = n.answer_id AND a.decision = 'approve' AND k.record_kind = 'policy' AND k.record_id = v.id
      AND a.content_hash = v.hash AND NOT {same_person("ARRAY[a.by_id]", "ARRAY[v.proposed_by_id]")}
  ) END
"""
_USED_UNAPPROVED = """
SELECT 'policy', v.slug || ' v' || v.number, 'decision-' || d.id
FROM changes_decision d JOIN changes_policyversion v ON v.id = d.policy_id
WHERE d.id > %(after)s AND d.id <= %(upto)s
  AND NOT EXISTS (SELECT FROM changes_policyactivation n WHERE n.version_id = v.id)
"""
_MODELS = f"""
SELECT 'change_model', m.slug, v.number::text
FROM changes_modelversion v JOIN changes_changemodel m ON m.id = v.model_id
WHERE v.state = 'approved' AND (v.approved_at IS NULL
  OR {same_person("ARRAY[v.approved_by_id]", "v.writers || v.written_by_id")})
"""
_MODELS_WITHOUT = """
SELECT 'change_model', m.slug, m.number::text
FROM changes_changemodel m
WHERE m.status = 'approved' AND NOT EXISTS (
  SELECT FROM changes_modelversion v WHERE v.model_id = m.id AND v.number = m.number AND v.state = 'approved'
)
"""


def rewritten(at: datetime) -> Iterator[Found]:
    """Versions of a policy whose content is not what their hash stands for."""
    for version in PolicyVersion.objects.order_by("-id")[:200]:
        if sha256_of(version.content) != version.hash:
            yield Found("policy", version.reference)


VERSIONS = Invariant(
    "I14",
    _("What rules was approved as the version that it is, and never changes"),
    _("Decisions of the past are explained by the version that ruled then. One that was rewritten explains nothing."),
    (
        Question("policies", _("%(reference)s rules, and no other person approved that content."), _UNAPPROVED),
        Question(
            "used",
            _("%(reference)s was used (%(detail)s) and never ruled."),
            _USED_UNAPPROVED,
            walks="changes_decision",
        ),
        Question("rewritten", _("%(reference)s is not what it was when it was proposed."), rewritten),
        Question("models", _("Version %(detail)s of model %(reference)s was approved by who wrote it."), _MODELS),
        Question(
            "models_without",
            _("Model %(reference)s goes by version %(detail)s, which nobody approved."),
            _MODELS_WITHOUT,
        ),
    ),
)
