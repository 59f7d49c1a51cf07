"""Proposing a policy, and another person's answer about it, which lets it rule.

A version posted whole (`/policy-versions/`) and a draft (`/policies/`) are proposed by the same operation; approving
the first lets it rule at once, as scripts expect; the second waits, approved, until somebody activates it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.services.queries import every_service
from changes.gate.policy import InvalidPolicy, Policy, policy_from_json, policy_to_json
from changes.gate.policy_default import SLUG
from changes.policies import queries as policy_queries
from changes.policies.models import GatePolicy, PolicyActivation, PolicyVersion
from changes.policies.operations.installing import INSTALLER, ruling, version_of
from changes.policies.permissions import policy_keepers
from changes.policies.vocabulary import PolicyStatus
from changes.policies.workflow import POLICY
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.accounts.step_up import require_proof
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.approvals.deciders import deciders
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import open_about
from itsm.audit.recording import record_event, who_did
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.locks import AdvisoryLock, one_at_a_time

ANSWERED_WITHIN = timedelta(days=14)
FARTHEST_AHEAD = 1000  # of a number that somebody gives a version themselves: the numbers after it have to last


@transaction.atomic
def propose(content: Mapping[str, Any], *, actor: Actor, at: datetime) -> PolicyVersion:
    """Keep a version and ask another change manager to approve it; until then it rules nothing.

    Raises NotPermitted, InvalidInput (each hole of the policy by its path), Conflict (this number or content is kept,
    or nobody may approve it).
    """
    if not policy_keepers(actor):
        raise NotPermitted(gettext("Change managers, people, propose policy versions."))
    policy = _read(content)
    if policy.slug != SLUG:
        sentence = gettext("The policy that rules the gate is called %(slug)s.") % {"slug": SLUG}
        raise InvalidInput.about("content", sentence)
    ruling(at)  # what Headroom brings along comes first
    highest = policy_queries.next_number() + FARTHEST_AHEAD
    if policy.version > highest:
        sentence = gettext("The number of a new version is at most %(highest)s.") % {"highest": highest}
        raise InvalidInput.about("content.version", sentence)
    life = GatePolicy.objects.create(
        title=gettext("Version %(number)s, proposed as a whole") % {"number": policy.version},
        content=policy_to_json(policy),
        author_id=actor.id,
        created_at=at,
    )
    lifecycle.created(life, actor=actor, changes={"title": [None, life.title]})
    return _proposed(life, policy, actor=actor, at=at, version=None)


@POLICY.takes("propose")
@transaction.atomic
def propose_draft(policy: GatePolicy, *, actor: Actor, at: datetime, version: int | None = None) -> GatePolicy:
    """Freeze the draft as the next version and ask another change manager to approve it.

    Raises NotPermitted, WrongState, StaleVersion, Conflict (somebody proposed another at this moment; nobody may
    approve it).
    """
    current = lifecycle.locked(policy)
    content = replace(policy_from_json(current.content), version=policy_queries.next_number())
    frozen = _proposed(current, content, actor=actor, at=at, version=version)
    return GatePolicy.objects.get(frozen=frozen)


def _proposed(life: GatePolicy, policy: Policy, *, actor: Actor, at: datetime, version: int | None) -> PolicyVersion:
    frozen = version_of(policy, actor.id, at)
    with lifecycle.step(life, "propose", actor=actor, version=version) as current:
        try:
            with transaction.atomic():
                frozen.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(
                gettext("%(reference)s, or the same content, is kept already; a new version has a number of its own.")
                % {"reference": frozen.reference}
            ) from error
        current.content, current.frozen = frozen.content, frozen
    record_event("policy.proposed", frozen, actor=actor, changes={"hash": [None, frozen.hash]})
    # Whoever edited the draft wrote a part of it: the author is the last of them.
    wrote = {pk for pk in (actor.id, life.author_id) if pk is not None}
    wrote |= who_did(life, f"{life.kind}.created", f"{life.kind}.edited")
    asked = approvals.ask(
        frozen,
        Panel("change manager", Role.MANAGER.value, excluded=wrote),
        content_hash=frozen.hash,
        at=at,
        due_at=at + ANSWERED_WITHIN,
        subject=gettext("Policy %(reference)s waits for you") % {"reference": frozen.reference},
    )
    if deciders(asked).is_short:
        raise Conflict(
            gettext(
                "Nobody may approve it: every change manager here wrote a part of it. Nothing has changed; another "
                "one has to join first."
            )
        )
    return frozen


def may_be_heard(actor: Actor, version: PolicyVersion) -> bool:
    """Whether this person's answer counts, whatever it is. NotPermitted with the rule where one stands in the way."""
    approval = open_about(version)
    if approval is None:
        return policy_keepers(actor)
    refuse_unless_asked(approval, actor, version.reference)
    return True


@transaction.atomic
def decide(version: PolicyVersion, *, actor: Actor, decision: str, comment: str, at: datetime) -> PolicyVersion:
    """Approve or decline a proposed version; approved, it rules from here on.

    Raises NotPermitted (its author, a program, who has a stake in an open change), PasswordNeeded, WrongState (nothing
    is asked).
    """
    life = GatePolicy.objects.filter(frozen=version).first()
    status = _answered(version, life, actor=actor, decision=decision, comment=comment, at=at)
    if status == ApprovalRequest.Status.APPROVED:
        _let_rule(version, life, actor=actor, at=at)
    return version


@POLICY.takes("approve")
@transaction.atomic
def approve(policy: GatePolicy, *, actor: Actor, at: datetime, comment: str = "") -> GatePolicy:
    """Say, as another person than wrote it, that it may rule. It rules once it is activated.

    Raises NotPermitted (its author, a program, who has a stake in an open change), WrongState (nothing is asked).
    """
    return _answer(policy, "approve", actor=actor, comment=comment, at=at)


@POLICY.takes("decline")
@transaction.atomic
def decline(policy: GatePolicy, *, actor: Actor, at: datetime, comment: str = "") -> GatePolicy:
    """It goes back to draft. Raises NotPermitted, WrongState (nothing is asked), MissingInformation (no word why)."""
    return _answer(policy, "decline", actor=actor, comment=comment, at=at)


def _answer(policy: GatePolicy, decision: str, *, actor: Actor, comment: str, at: datetime) -> GatePolicy:
    current = lifecycle.locked(policy)
    POLICY.begin(decision, actor, current)
    if current.frozen is not None:
        _answered(current.frozen, current, actor=actor, decision=decision, comment=comment, at=at)
    return GatePolicy.objects.get(pk=policy.pk)


@POLICY.takes("withdraw")
@transaction.atomic
def withdraw(policy: GatePolicy, *, actor: Actor, at: datetime, version: int | None = None) -> GatePolicy:
    """Take it back to draft; an approval that it has is worth nothing for what becomes of it.

    Raises NotPermitted, WrongState, StaleVersion.
    """
    with lifecycle.step(policy, "withdraw", actor=actor, version=version) as current:
        if current.frozen is not None:
            approvals.withdraw(current.frozen, at=at, why=gettext("taken back to draft"))
        current.frozen = None
    return current


@POLICY.takes("activate")
@transaction.atomic
def activate(policy: GatePolicy, *, actor: Actor, at: datetime) -> GatePolicy:
    """It rules from here on, by the approval of another person. Raises NotPermitted (also who has a stake in an open
    change), PasswordNeeded and WrongState."""
    current = lifecycle.locked(policy)
    if POLICY.steps["activate"].who(actor, current):  # before its state is told: a token learns nothing of it
        require_no_interest(actor, _every_service(), doing=gettext("let a policy rule"))
        require_proof(actor, doing=gettext("let a policy rule"))
    POLICY.begin("activate", actor, current)
    if current.frozen is None:  # the database keeps that from happening
        raise WrongState(gettext("It was never proposed."), state=current.status)
    _let_rule(current.frozen, current, actor=actor, at=at)
    return GatePolicy.objects.get(pk=policy.pk)


def _answered(
    version: PolicyVersion, life: GatePolicy | None, *, actor: Actor, decision: str, comment: str, at: datetime
) -> str:
    """Keep one answer; the policy moves along with the ask, whose status comes back."""
    if decision == "approve":
        require_no_interest(actor, _every_service(), doing=gettext("approve a policy version"))
    approval = approvals.answer(
        version, actor=actor, decision=decision, comment=comment, content_hash=version.hash, at=at
    )
    record_event("policy.answered", version, actor=actor, changes={"decision": [None, decision]}, remark=comment)
    if life is not None and approval.status in _MOVES:
        with lifecycle.step(life, _MOVES[approval.status], actor=actor, remark=comment) as current:
            if approval.status == ApprovalRequest.Status.DECLINED:
                current.frozen = None
    return str(approval.status)


_MOVES: dict[str, str] = {ApprovalRequest.Status.APPROVED: "approve", ApprovalRequest.Status.DECLINED: "decline"}


def _let_rule(version: PolicyVersion, life: GatePolicy | None, *, actor: Actor, at: datetime) -> None:
    """Activate a version that another person approved; what ruled before is superseded. Raises PasswordNeeded."""
    require_proof(actor, doing=gettext("let a policy rule"))
    approved = ApprovalRequest.objects.filter(
        record_kind=version.kind, record_id=version.pk, status=ApprovalRequest.Status.APPROVED
    ).first()
    answer = approved.answers.order_by("-id").first() if approved is not None else None
    if answer is None:
        raise WrongState(gettext("Nobody approved %(reference)s.") % {"reference": version.reference})
    one_at_a_time(AdvisoryLock.POLICY_RULES)
    PolicyActivation.objects.create(version=version, answer=answer, at=at)
    record_event("policy.adopted", version, actor=actor, changes={"hash": [None, version.hash]})
    for before in GatePolicy.objects.filter(status=PolicyStatus.RULING).order_by("pk"):
        with lifecycle.step(before, "supersede", actor=INSTALLER):
            pass
    if life is not None:
        with lifecycle.step(life, "activate", actor=actor) as current:
            current.shadow_since = None


def _read(content: Mapping[str, Any]) -> Policy:
    try:
        return policy_from_json(content)
    except InvalidPolicy as holes:
        raise InvalidInput(
            gettext("This policy has holes; the gate would not know what to say there."),
            {"content": list(holes.problems[:50])},
        ) from holes
    except ValueError as malformed:
        raise InvalidInput(
            gettext("This is not the shape of a policy."), {"content": [str(malformed)[:300]]}
        ) from malformed


def _every_service() -> list[int]:
    """A policy rules them all: whoever waits for an answer about one of them has an interest."""
    return list(every_service().order_by().values_list("pk", flat=True))
