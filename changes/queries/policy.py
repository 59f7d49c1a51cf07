"""The ruling policy, parsed once per version and process: a version never changes."""

from functools import lru_cache

from django.db import connection

from changes.gate.policy import Policy, policy_from_json
from changes.gate.policy_default import default_policy
from changes.models import PolicyVersion


def ruling() -> PolicyVersion | None:
    """The newest adopted version, without its content; None before the first one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM changes_policyversion ORDER BY number DESC LIMIT 1")
        newest = cursor.fetchone()
    return _kept(newest[0]) if newest else None


def in_force() -> Policy:
    """What rules now, for readers: the default until a first version was adopted."""
    version = ruling()
    return parsed(version.pk) if version else default_policy()


@lru_cache(maxsize=64)
def _kept(version_id: int) -> PolicyVersion:
    return PolicyVersion.objects.defer("content").get(pk=version_id)


@lru_cache(maxsize=64)
def parsed(version_id: int) -> Policy:
    return policy_from_json(PolicyVersion.objects.values_list("content", flat=True).get(pk=version_id))
