"""The ruling policy, parsed once per version and process: a version never changes."""

from functools import cache, lru_cache
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from changes.gate.canonical import sha256_of
from changes.gate.policy import InvalidPolicy, Policy, policy_from_json
from changes.gate.policy_default import SLUG, default_policy
from changes.policies.models import GatePolicy, PolicyVersion
from itsm.accounts.interest import same_person
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor
from itsm.prepared import Prepared

# The newest activation that stands on an approval by another person; failing that, the first version, which Headroom
# brought along. A version that was only written down rules nothing. Who is one person is asked of the newest first, and
# of no other once one rules (OFFSET 0 keeps the question out of the list): each costs as much as all the rest.
_RULING = Prepared(
    "ruling_policy",
    f"""
SELECT c.id FROM (
  SELECT v.id, t.id AS since, t.answer_id IS NOT NULL AS approved, a.by_id, v.proposed_by_id
  FROM changes_policyactivation t
  JOIN changes_policyversion v ON v.id = t.version_id
  LEFT JOIN approvals_approvaldecision a ON a.id = t.answer_id
  WHERE v.slug = %(slug)s AND ((t.answer_id IS NULL AND v.proposed_by_id IS NULL AND v.number = 1)
     OR (a.decision = 'approve' AND a.content_hash = v.hash AND v.proposed_by_id IS NOT NULL))
  ORDER BY approved DESC, since DESC OFFSET 0
) c
WHERE NOT c.approved OR NOT {same_person("ARRAY[c.by_id]", "ARRAY[c.proposed_by_id]")}
ORDER BY c.approved DESC, c.since DESC LIMIT 1
""",  # noqa: S608 (of our own words)
    slug="text",
)


def ruling(slug: str = SLUG) -> PolicyVersion | None:
    """The version of this policy that rules, without its content; None before the first one. The gate's by default."""
    with connection.cursor() as cursor:
        _RULING.run(cursor, {"slug": slug})
        newest = cursor.fetchone()
    return _kept(newest[0]) if newest else None


class RulingBy(NamedTuple):
    """What rules, and the accounts by which: who proposed it and who approved it."""

    version: PolicyVersion
    proposed_by: int
    approved_by: int


def ruling_by() -> RulingBy | None:
    """The two pairs of eyes behind what rules; None where nothing does, or what Headroom brought along. Two queries."""
    version = ruling()
    if version is None or version.proposed_by_id is None:
        return None
    activated = version.activations.exclude(answer=None).select_related("answer").order_by("-id").first()
    if activated is None or activated.answer is None:
        return None
    return RulingBy(version, version.proposed_by_id, activated.answer.by_id)


def in_force() -> Policy:
    """What rules now, for readers: the default until a first version was adopted."""
    version = ruling()
    return parsed(version.pk) if version else _default()


_default = cache(default_policy)


@lru_cache(maxsize=64)
def _kept(version_id: int) -> PolicyVersion:
    return PolicyVersion.objects.defer("content").get(pk=version_id)


@lru_cache(maxsize=64)
def parsed(version_id: int) -> Policy:
    """Raises InvalidPolicy where the content is not what its hash says: such a policy rules nothing."""
    digest, content = PolicyVersion.objects.values_list("hash", "content").get(pk=version_id)
    if sha256_of(content) != digest:
        raise InvalidPolicy((f"content: it is not what the hash {digest} of this version stands for",))
    return policy_from_json(content)


def next_number(slug: str = SLUG) -> int:
    """The number of the next version; two who take it at once are told apart by the database."""
    newest = PolicyVersion.objects.filter(slug=slug).order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


def visible_policies(actor: Actor) -> QuerySet[GatePolicy]:
    """Policies of every state, the newest first; for everybody who works here."""
    return GatePolicy.objects.select_related("author", "frozen").all() if staff(actor) else GatePolicy.objects.none()


def content_hash(policy: GatePolicy) -> str:
    """What its content is known by; of a draft it changes with each edit."""
    return sha256_of(policy.content)
