"""Who decides when people must.

Promise: whoever asked, wrote, carries it out or acts for one who did is excluded; the quorum is at least one; the due
time is the policy's, and a time-out never approves. Of several deciders asked for, the most senior decides.
"""

from datetime import timedelta

from changes.gate.judgement import Judgement
from changes.gate.verdict import Authority
from changes.gate.vocabulary import Decider, Outcome

# From the most senior; an emergency's authority is asked by name even where a peer would do.
SENIORITY = (Decider.ECAB, Decider.CAB, Decider.EMERGENCY_AUTHORITY, Decider.OWNER, Decider.PEER)


def authority_of(judgement: Judgement) -> Authority | None:
    """None unless people decide (peer or cab)."""
    if judgement.outcome not in (Outcome.PEER, Outcome.CAB):
        return None
    case = judgement.case
    decider = decider_of(judgement)
    rule = case.policy.authorities[decider]
    return Authority(
        decider=decider,
        role=rule.role,
        team=_team(judgement),
        quorum=rule.quorum,
        substitute=rule.substitute,
        excluded=tuple(sorted(case.change.interested)),
        due_at=case.at + timedelta(minutes=rule.due_minutes),
        before=rule.before,
    )


def decider_of(judgement: Judgement) -> Decider:
    """The most senior of those whom the rules of the final outcome ask for."""
    default = Decider.CAB if judgement.outcome is Outcome.CAB else Decider.PEER
    asked = {ask.decider or default for ask in judgement.asks if ask.outcome is judgement.outcome}
    return next((decider for decider in SENIORITY if decider in asked), default)


def _team(judgement: Judgement) -> str:
    """The owners of what decided; failing that, of the first service changed."""
    deciding = (ask.team for ask in judgement.asks if ask.outcome is judgement.outcome and ask.team)
    first = (assessment.service.team for assessment in judgement.budget_assessments if assessment.service.team)
    return next(deciding, next(first, ""))
