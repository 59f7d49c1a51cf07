"""Adopting policy versions. The editor and its approval follow; the default rules until then."""

from datetime import datetime

from changes.gate.policy import Policy, policy_hash, policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import PolicyVersion
from changes.queries import policy as policy_queries
from itsm.audit.recording import note
from itsm.kernel.actors import Actor

INSTALLER = Actor.system("installer")


def ruling(at: datetime) -> PolicyVersion:
    """The version that rules; the default policy becomes version 1 when nothing was adopted yet."""
    return policy_queries.ruling() or adopt(default_policy(), actor=INSTALLER, at=at)


def adopt(policy: Policy, *, actor: Actor, at: datetime) -> PolicyVersion:
    """Keep a version for good. The same content is kept once."""
    digest = policy_hash(policy)
    PolicyVersion.objects.bulk_create(
        [
            PolicyVersion(
                slug=policy.slug,
                number=policy.version,
                hash=digest,
                content=policy_to_json(policy),
                adopted_at=at,
                adopted_by_name=actor.name,
            )
        ],
        ignore_conflicts=True,
    )
    adopted = PolicyVersion.objects.get(hash=digest)
    note("policy.adopted", adopted, actor=actor, changes={"hash": [None, digest]})
    return adopted
