"""A code host that tells of deployments: what the gate knew, what went past it, and what nobody has mapped yet."""

import json
from datetime import datetime, timedelta
from typing import Any

from changes.delivery.operations import applying, mapping, matching, receiving, reporting, sources
from changes.delivery.operations.proving import Proven
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company

_AGO = timedelta(hours=3)


def send(company: Company, at: datetime) -> int:
    """How many deliveries came: one past the gate, one that waits for a mapping, one that says nothing."""
    program, began = company.people["pipeline"], at - _AGO
    source, _secret = sources.add_source(
        actor=FOUNDER, slug="github", name="Larkspur on GitHub", platform="github", account=program, at=began
    )
    mapping.map_deployments(
        actor=FOUNDER, source=source, repository="larkspur/search", service=company.services["search"],
        environment="production", theirs="production", at=began,
    )  # fmt: skip
    told = [
        ("ping", {"zen": "Responsive is better than fast.", "hook_id": 4}),
        ("deployment_status", _status("larkspur/search", 811, "success", began + timedelta(minutes=20), "hotfix-14.9")),
        *(
            ("deployment_status", _status("larkspur/loyalty-app", 820 + turn, "success", began + timedelta(hours=turn)))
            for turn in range(3)
        ),
        ("deployment_status", {"repository": {"full_name": "larkspur/search"}, "deployment": {}}),
    ]
    for number, (event, body) in enumerate(told):
        came = began + timedelta(minutes=21 + 9 * number)
        raw = json.dumps(body).encode()
        kept, _is_new = receiving.keep(Proven(source, f"demo-{number}", event), raw, at=came)
        applying.apply(kept)
    reporting.report(
        actor=company.actors["pipeline"], service=company.services["catalogue"], environment="production",
        at=began + timedelta(hours=1), blind=True, version="47.31-hot", repository="larkspur/catalogue", run_id="5120",
        url="https://github.com/larkspur/catalogue/actions/runs/5120",
    )  # fmt: skip
    matching.reconcile(at)
    return len(told)


def _status(repository: str, number: int, state: str, when: datetime, ref: str = "main") -> dict[str, Any]:
    stamp = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "action": "created",
        "deployment_status": {"state": state, "created_at": stamp, "updated_at": stamp},
        "deployment": {
            "id": number, "sha": f"{number:040x}", "ref": ref, "environment": "production",
            "creator": {"login": "mlindqvist"},
        },
        "workflow": {"name": "Deploy"},
        "repository": {"full_name": repository},
    }  # fmt: skip
