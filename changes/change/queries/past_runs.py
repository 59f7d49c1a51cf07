"""How past changes went, as parts of the statements of reports and back-tests: one truth for all of them.

Each is about a change `c`. Who votes writes none of what tells that one failed.
"""

# Closed so, rolled back or failed as it was deployed, or named by an incident as its cause.
FAILED = """(c.outcome_code = 'unsuccessful'
    OR EXISTS (SELECT FROM changes_deployment p WHERE p.change_id = c.id AND p.status IN ('failed', 'rolled_back'))
    OR EXISTS (SELECT FROM work_link l WHERE l.from_kind = 'change' AND l.from_id = c.id AND l.to_kind = 'incident'
               AND l.meaning = 'caused'))"""

# `e`: what was asked last before it ran, or last of all where it never ran. `d`: of its answers the first, what was
# said as it was asked.
DECIDED = """CROSS JOIN LATERAL (
    SELECT e.id, e.asked_at, e.content_hash FROM changes_evaluation e
    LEFT JOIN changes_deployment p ON p.evaluation_id = e.id
    WHERE e.change_id = c.id ORDER BY p.id DESC NULLS LAST, e.asked_at DESC, e.id LIMIT 1
  ) e
  CROSS JOIN LATERAL (SELECT * FROM changes_decision d WHERE d.evaluation_id = e.id ORDER BY d.id LIMIT 1) d"""

# `w.took`: from the ask to the answer, where people gave one to what `e` asked; else null.
WAITED = """LEFT JOIN LATERAL (
    SELECT k.decided_at - k.asked_at AS took FROM approvals_approvalrequest k
    WHERE k.record_kind = 'change' AND k.record_id = c.id AND k.content_hash = e.content_hash
      AND k.status IN ('approved', 'declined') AND k.asked_at >= e.asked_at ORDER BY k.id DESC LIMIT 1
  ) w ON true"""
