"""Steps before an authority: people whom the policy asks first. They decide by a plan, as about everything else."""

from datetime import datetime

from changes.change.models import Change, Evaluation
from changes.change.permissions import authorities
from changes.gate.canonical import sha256_of, to_json
from changes.gate.verdict import Authority
from itsm import lifecycle
from itsm.accounts import interest
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.approvals import plans
from itsm.approvals.models import ApprovalPlan
from itsm.approvals.whom import resolve
from itsm.kernel.actors import Actor, Door

_RULES = Actor.system("policy")


def standing(evaluation: Evaluation, change: Change, authority: Authority) -> str:
    """How the steps before this authority stand about the change as it is now: "open", "approved", "" for not asked.

    Judged again under the same rules, what people have said stays; asked anew, they are. Raises nothing.
    """
    plan = plans.newest_plan(change)
    alive = (ApprovalPlan.Status.OPEN, ApprovalPlan.Status.APPROVED)
    if plan is None or plan.status not in alive or not change.interested <= {*plan.excluded}:
        return ""
    asked_so = (plan.content_hash, plan.source_hash) == (change.content_hash, _source(evaluation, authority))
    return str(plan.status) if asked_so else ""


def begin(
    evaluation: Evaluation, change: Change, authority: Authority, *, at: datetime, subject: str, body: str
) -> None:
    """Ask the first step; the caller holds the change.

    Raises InvalidInput where nobody at all may decide.
    """
    steps = [
        {"rule": step.rule.value, "parts": [to_json(part) for part in step.parts]} for step in authority.before or ()
    ]
    asking = _who_asks(change)
    found = resolve(
        steps, requester=asking, served=asking, team=_team(change, authority), service=change.service,
        answers={}, record_kind=change.kind, excluded=change.interested,
        able=lambda one: authorities(actor_for(one, Door.TASK), change),
    )  # fmt: skip
    plans.begin(
        change, found.steps, content_hash=change.content_hash, excluded=change.interested, at=at,
        due_at=authority.due_at, subject=subject, body=body, source_hash=_source(evaluation, authority),
    )  # fmt: skip
    for sentence in found.findings:
        lifecycle.announce(change, "asked_others", actor=_RULES, remark=sentence)


def _who_asks(change: Change) -> User:
    """The person behind the change: of a program who owns it, so that their manager is asked."""
    persons = interest.natural_persons([change.requested_by_id])
    return User.objects.get(pk__in=persons or [change.requested_by_id])


def _team(change: Change, authority: Authority) -> Team | None:
    named = Team.objects.filter(slug=authority.team, retired_at=None).first() if authority.team else None
    return named or change.service.team


def _source(evaluation: Evaluation, authority: Authority) -> str:
    """What the words of these people are about: of what was declined or taken back they are not for ever."""
    return sha256_of([str(evaluation.pk), authority.team, to_json(authority.before)])
