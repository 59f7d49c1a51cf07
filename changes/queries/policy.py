"""The ruling policy, parsed once per version and process: a version never changes."""

from functools import lru_cache

from changes.gate.policy import Policy, policy_from_json
from changes.models import PolicyVersion


def ruling() -> PolicyVersion | None:
    """The newest adopted version; None before the first one."""
    return PolicyVersion.objects.defer("content").order_by("-number").first()


@lru_cache(maxsize=64)
def parsed(version_id: int) -> Policy:
    return policy_from_json(PolicyVersion.objects.values_list("content", flat=True).get(pk=version_id))
