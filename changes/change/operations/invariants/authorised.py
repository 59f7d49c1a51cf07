"""Who let a change go, and whether for what it is: I1 to I4."""
# ruff: noqa: S608 -- statements of our own words

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from changes.change.models import Change
from changes.change.operations.content import content_hash
from changes.change.workflow import IN_FLIGHT
from itsm.accounts.interest import same_person
from itsm.invariants import Found, Invariant, Question

_CHG = "'CHG-' || lpad(c.id::text, 5, '0')"

# One row of use for each start: found from both ends.
_STARTED = f"""
SELECT 'change', {_CHG}, e.id::text
FROM changes_deployment d
JOIN changes_change c ON c.id = d.change_id
LEFT JOIN changes_evaluation e ON e.id = d.evaluation_id
WHERE d.id > %(after)s AND d.id <= %(upto)s AND (
  e.id IS NULL OR e.change_id <> d.change_id OR e.status <> 'approved' OR e.decided_by = ''
  OR e.used_at IS NULL OR e.expires_at IS NULL OR e.used_at > e.expires_at OR d.started_at > e.expires_at
)
"""
_RUNNING = f"""
SELECT 'change', {_CHG}, ''
FROM changes_change c
WHERE c.status = 'running' AND NOT EXISTS (
  SELECT FROM changes_deployment d JOIN changes_evaluation e ON e.id = d.evaluation_id
  WHERE d.change_id = c.id AND d.status = 'started' AND e.change_id = c.id AND e.used_at IS NOT NULL
    AND e.content_hash = c.content_hash
)
"""
_SCHEDULED = f"""
SELECT 'change', {_CHG}, ''
FROM changes_change c
WHERE c.status = 'scheduled' AND NOT EXISTS (
  SELECT FROM changes_evaluation e
  WHERE e.change_id = c.id AND e.status = 'approved' AND e.used_at IS NULL AND e.decided_by <> ''
)
"""
_BY_PERSON = f"""
SELECT 'change', {_CHG}, e.id::text
FROM changes_change c
JOIN changes_evaluation e ON e.change_id = c.id AND e.status = 'approved' AND e.decided_by = 'person'
WHERE c.status IN ('scheduled', 'running') AND e.content_hash = c.content_hash AND NOT EXISTS (
  SELECT FROM approvals_approvalrequest r
  WHERE r.record_kind = 'change' AND r.record_id = c.id AND r.status = 'approved' AND r.content_hash = c.content_hash
)
"""
AUTHORISED = Invariant(
    "I1",
    _("No change runs without an authorisation that is good for it"),
    _(
        "Who may start something reads one row; where what runs has none that was good, somebody went round the gate"
        " or the database was written by hand."
    ),
    (
        Question(
            "started",
            _("%(reference)s was started without an authorisation that was good and used for it (%(detail)s)."),
            _STARTED,
            walks="changes_deployment",
        ),
        Question("running", _("%(reference)s is running, and no authorisation was used for what it is."), _RUNNING),
        Question("scheduled", _("%(reference)s is scheduled, and nothing authorises it."), _SCHEDULED),
        Question("by_person", _("%(reference)s goes by people who were never heard about this content."), _BY_PERSON),
    ),
    closes_gate=True,
)

_EXCLUDED = """
SELECT 'ask', 'ask-' || r.id, u.username
FROM approvals_approvaldecision a
JOIN approvals_approvalrequest r ON r.id = a.ask_id
JOIN accounts_user u ON u.id = a.by_id
WHERE a.id > %(after)s AND a.id <= %(upto)s AND (
  u.account_type <> 'human' OR a.by_id = ANY (r.excluded)
  OR a.in_place_of_id = ANY (r.excluded)
)
"""
_OWN = f"""
SELECT 'change', {_CHG}, u.username
FROM changes_change c
JOIN approvals_approvalrequest r ON r.record_kind = 'change' AND r.record_id = c.id
JOIN approvals_approvaldecision a ON a.ask_id = r.id AND a.decision = 'approve' AND a.content_hash = c.content_hash
JOIN accounts_user u ON u.id = a.by_id
WHERE c.status IN ('scheduled', 'running')
  AND {
    same_person(
        "ARRAY[a.by_id, a.in_place_of_id]",
        "c.program_owners || ARRAY[c.requested_by_id, c.author_id, c.implementer_id]",
    )
}
"""
_CONFIRMED = """
SELECT 'confirmation', 'CNF-' || lpad(k.id::text, 5, '0'), u.username
FROM approvals_confirmation k JOIN accounts_user u ON u.id = k.decided_by_id
WHERE k.id > %(after)s AND k.id <= %(upto)s AND k.status = 'confirmed'
  AND (u.account_type <> 'human' OR k.decided_by_id = ANY (k.excluded)
       OR k.decided_by_id IN (k.person_id, k.proposed_by_id))
"""
FOUR_EYES = Invariant(
    "I2",
    _("Nobody approves what they asked for, wrote or carry out, and no program approves anything"),
    _("Four eyes are worth nothing where two of them belong to whoever wants it."),
    (
        Question(
            "excluded",
            _("%(reference)s was answered by %(detail)s, who was excluded from it or is no person."),
            _EXCLUDED,
            walks="approvals_approvaldecision",
        ),
        Question("own", _("%(reference)s goes by the approval of %(detail)s, who has an interest in it."), _OWN),
        Question(
            "confirmed",
            _("%(reference)s was confirmed by %(detail)s, who proposed it or is no person."),
            _CONFIRMED,
            walks="approvals_confirmation",
        ),
    ),
    closes_gate=True,
)

_TWO_LIVE = f"""
SELECT 'change', {_CHG}, count(*)::text
FROM changes_evaluation e JOIN changes_change c ON c.id = e.change_id
WHERE e.status = 'pending' OR (e.status = 'approved' AND e.used_at IS NULL)
GROUP BY c.id HAVING count(*) > 1
"""
_ANSWERED_TWICE = """
SELECT 'ask', 'ask-' || a.ask_id, count(*)::text
FROM approvals_approvaldecision a
WHERE a.id > %(after)s AND a.id <= %(upto)s AND a.vote_id IS NULL
GROUP BY a.ask_id, coalesce(a.in_place_of_id, a.by_id) HAVING count(*) > 1
"""
_ALTERED = """
SELECT 'decision', 'decision-' || d.id, d.outcome
FROM changes_decision d LEFT JOIN changes_evaluation e ON e.id = d.evaluation_id
WHERE d.id > %(after)s AND d.id <= %(upto)s
  AND (e.id IS NULL OR e.change_id <> d.change_id OR d.verdict ->> 'outcome' IS DISTINCT FROM d.outcome)
"""
ONE_DECISION = Invariant(
    "I3",
    _("Each question has one answer, which is never altered"),
    _("Two answers to one question let whoever asks choose; an answer that was altered is nobody's."),
    (
        Question("live", _("%(reference)s has %(detail)s live answers of the gate."), _TWO_LIVE),
        Question(
            "answered_twice",
            _("%(reference)s was answered %(detail)s times by one person."),
            _ANSWERED_TWICE,
            walks="approvals_approvaldecision",
        ),
        Question(
            "altered",
            _("%(reference)s is not what was decided: it says “%(detail)s”."),
            _ALTERED,
            walks="changes_decision",
        ),
    ),
    closes_gate=True,
)

_OTHER_CONTENT = f"""
SELECT 'change', {_CHG}, e.id::text
FROM changes_evaluation e JOIN changes_change c ON c.id = e.change_id
WHERE (e.status = 'pending' OR (e.status = 'approved' AND e.used_at IS NULL)) AND e.content_hash <> c.content_hash
"""
_ASKED_OF_OTHER = f"""
SELECT 'change', {_CHG}, 'ask-' || r.id
FROM approvals_approvalrequest r JOIN changes_change c ON c.id = r.record_id
WHERE r.status = 'open' AND r.record_kind = 'change' AND r.content_hash <> c.content_hash
"""
_MOST = 500


def edited_behind(at: datetime) -> Iterator[Found]:
    """Changes on their way whose material fields are not what their hash stands for. The newest are looked at."""
    for change in Change.objects.filter(status__in=IN_FLIGHT).order_by("-id")[:_MOST]:
        if content_hash(change) != change.content_hash:
            yield Found("change", change.reference)


SAME_CONTENT = Invariant(
    "I4",
    _("What was approved is what goes: an edit takes its approvals away"),
    _("An approval is good for one content. Where that was changed behind it, nobody has approved what would go."),
    (
        Question("live", _("%(reference)s has a live answer (%(detail)s) for other content."), _OTHER_CONTENT),
        Question("asked", _("%(reference)s is asked about as it was before it was edited."), _ASKED_OF_OTHER),
        Question("hash", _("%(reference)s was edited without its content being hashed anew."), edited_behind),
    ),
    closes_gate=True,
)
