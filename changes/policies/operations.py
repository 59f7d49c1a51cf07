"""Policy versions: propose one, have another person approve it, which makes it rule.

The shipped default is the one version that Headroom's installation makes rule, where nothing ruled before.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.services.queries import every_service
from changes.gate.policy import InvalidPolicy, Policy, policy_from_json, policy_hash, policy_to_json
from changes.gate.policy_default import SLUG, default_policy
from changes.policies import queries as policy_queries
from changes.policies.models import PolicyActivation, PolicyVersion
from changes.policies.permissions import policy_keepers
from itsm.accounts.interest import require_no_interest
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import open_about
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted

INSTALLER = Actor.system("installer")
ANSWERED_WITHIN = timedelta(days=14)


def ruling(at: datetime) -> PolicyVersion:
    """The version that rules; the default policy becomes version 1 when nothing rules yet."""
    return policy_queries.ruling() or install(at=at)


@transaction.atomic
def install(*, at: datetime) -> PolicyVersion:
    """The default policy rules an installation in which nothing rules yet. Repeatable, also at the same time."""
    policy = default_policy()
    # Whoever installs at the same time waits here, on the unique hash, and then finds that it rules.
    PolicyVersion.objects.bulk_create([_version(policy, None, at)], ignore_conflicts=True)
    rules = policy_queries.ruling()
    if rules is not None:
        return rules
    version = PolicyVersion.objects.get(hash=policy.digest)
    PolicyActivation.objects.create(version=version, at=at)
    record_event("policy.adopted", version, actor=INSTALLER, changes={"hash": [None, version.hash]})
    return version


@transaction.atomic
def propose(content: Mapping[str, Any], *, actor: Actor, at: datetime) -> PolicyVersion:
    """Keep a version and ask another change manager to approve it; until then it rules nothing.

    Raises NotPermitted, InvalidInput (each hole of the policy by its path), Conflict (this number or content is kept).
    """
    if not policy_keepers(actor):
        raise NotPermitted(gettext("Change managers, people, propose policy versions."))
    policy = _read(content)
    if policy.slug != SLUG:
        sentence = gettext("The policy that rules the gate is called %(slug)s.") % {"slug": SLUG}
        raise InvalidInput.about("content", sentence)
    ruling(at)  # what Headroom brings along comes first
    try:
        with transaction.atomic():
            version = _version(policy, actor.id, at)
            version.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            gettext("%(reference)s, or the same content, is kept already; a new version has a number of its own.")
            % {"reference": version.reference}
        ) from error
    record_event("policy.proposed", version, actor=actor, changes={"hash": [None, version.hash]})
    approvals.ask(
        version,
        Panel("change manager", Role.MANAGER.value, excluded={actor.id} if actor.id is not None else set()),
        content_hash=version.hash,
        at=at,
        due_at=at + ANSWERED_WITHIN,
        subject=gettext("Policy %(reference)s waits for you") % {"reference": version.reference},
    )
    return version


def may_be_heard(actor: Actor, version: PolicyVersion) -> bool:
    """Whether this person's answer counts, whatever it is. NotPermitted with the rule where one stands in the way."""
    approval = open_about(version)
    if approval is None:
        return policy_keepers(actor)
    approvals.refuse_unless_asked(approval, actor, version.reference)
    return True


@transaction.atomic
def decide(version: PolicyVersion, *, actor: Actor, decision: str, comment: str, at: datetime) -> PolicyVersion:
    """Approve or decline a proposed version; approved, it rules from here on.

    Raises NotPermitted (its author, a program, who has a stake in an open change), WrongState (nothing is asked).
    """
    if decision == "approve":
        require_no_interest(actor, _every_service(), doing=gettext("approve a policy version"))
    approval = approvals.answer(
        version, actor=actor, decision=decision, comment=comment, content_hash=version.hash, at=at
    )
    record_event("policy.answered", version, actor=actor, changes={"decision": [None, decision]}, remark=comment)
    if approval.status == ApprovalRequest.Status.APPROVED:
        answer = approval.answers.order_by("-id").first()
        PolicyActivation.objects.create(version=version, answer=answer, at=at)
        record_event("policy.adopted", version, actor=actor, changes={"hash": [None, version.hash]})
    return version


def _version(policy: Policy, proposed_by_id: int | None, at: datetime) -> PolicyVersion:
    return PolicyVersion(
        slug=policy.slug,
        number=policy.version,
        hash=policy_hash(policy),
        content=policy_to_json(policy),
        proposed_at=at,
        proposed_by_id=proposed_by_id,
    )


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
