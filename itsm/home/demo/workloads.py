"""Larkspur's pipelines come in without a secret: of two repositories at GitHub one is mapped, and one only asked."""

from datetime import datetime, timedelta

from itsm import lifecycle
from itsm.home.demo.founding import Company
from itsm.workload_identity import claims
from itsm.workload_identity.models import TrustedIssuer, UnmappedWorkload, WorkloadMapping

GITHUB = "https://token.actions.githubusercontent.com"
_TOOLS = {
    "repository": "larkspur/release-tools", "environment": "production", "workflow": "publish",
    "ref": "refs/heads/main", "sub": "repo:larkspur/release-tools:environment:production",
}  # fmt: skip


def trust(company: Company, at: datetime) -> int:
    """How many workloads come in. Rows are written as they would have come to be: nothing is asked of GitHub here."""
    admin, since = company.people["admin"], at - timedelta(days=40)
    issuer = TrustedIssuer.objects.create(
        name="GitHub Actions", issuer=GITHUB, trusted_by=admin, asked_at=since, trusted_at=since + timedelta(hours=2)
    )
    lifecycle.created(issuer, actor=company.actors["admin"], changes={"issuer": [None, GITHUB]})
    mapping = WorkloadMapping.objects.create(
        issuer=issuer,
        claims={"repository": "larkspur/checkout", "ref": "refs/heads/*"},
        account=company.people["pipeline"],
        mapped_by=admin,
        asked_at=since,
        trusted_at=since + timedelta(hours=2),
        last_used_at=at - timedelta(hours=3),
    )
    lifecycle.created(mapping, actor=company.actors["admin"], changes={"claims": [None, mapping.claims]})
    UnmappedWorkload.objects.create(
        issuer=issuer, key=claims.key_of(_TOOLS), claims=_TOOLS, first_at=at - timedelta(days=2),
        last_at=at - timedelta(hours=5), times=4,
    )  # fmt: skip
    return 1
