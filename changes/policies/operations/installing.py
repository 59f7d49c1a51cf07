"""The policy that Headroom brings along: it rules where nothing ruled before."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from changes.gate.policy import Policy, policy_hash, policy_to_json
from changes.gate.policy_default import default_policy
from changes.policies import queries as policy_queries
from changes.policies.models import GatePolicy, PolicyActivation, PolicyVersion
from changes.policies.vocabulary import PolicyStatus
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor

INSTALLER = Actor.system("installer")


def ruling(at: datetime) -> PolicyVersion:
    """The version that rules; the default policy becomes version 1 when nothing rules yet."""
    return policy_queries.ruling() or install(at=at)


@transaction.atomic
def install(*, at: datetime) -> PolicyVersion:
    """The default policy rules an installation in which nothing rules yet. Repeatable, also at the same time."""
    policy = default_policy()
    # Whoever installs at the same time waits here, on the unique hash, and then finds that it rules.
    PolicyVersion.objects.bulk_create([version_of(policy, None, at)], ignore_conflicts=True)
    rules = policy_queries.ruling()
    if rules is not None:
        return rules
    version = PolicyVersion.objects.get(hash=policy.digest)
    PolicyActivation.objects.create(version=version, at=at)
    GatePolicy.objects.create(
        title=gettext("The policy that Headroom brings along"),
        content=version.content,
        status=PolicyStatus.RULING,
        frozen=version,
        created_at=at,
    )
    record_event("policy.adopted", version, actor=INSTALLER, changes={"hash": [None, version.hash]})
    return version


def version_of(policy: Policy, proposed_by_id: int | None, at: datetime) -> PolicyVersion:
    """The row that keeps this policy for ever, not stored yet."""
    return PolicyVersion(
        slug=policy.slug,
        number=policy.version,
        hash=policy_hash(policy),
        content=policy_to_json(policy),
        proposed_at=at,
        proposed_by_id=proposed_by_id,
    )
