"""Audit logs as ServiceNow writes them, made for tests."""

import csv
import io
from typing import Any

COLUMNS = (
    "number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla", "caller_id",
    "opened_by", "opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type",
    "location", "category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group",
    "assigned_to", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by",
    "closed_code", "resolved_by", "resolved_at", "closed_at",
)  # fmt: skip
_USUAL = {
    "number": "0000045", "incident_state": "Closed", "active": "false", "reassignment_count": "0", "reopen_count": "0",
    "sys_mod_count": "0", "made_sla": "true", "caller_id": "2403", "opened_by": "8", "opened_at": "29/2/2016 01:16",
    "sys_updated_by": "21", "sys_updated_at": "29/2/2016 01:23", "contact_type": "Phone", "location": "143",
    "category": "55", "subcategory": "170", "u_symptom": "72", "impact": "2", "urgency": "2", "priority": "3",
    "assignment_group": "56", "resolved_at": "29/2/2016 11:29", "closed_at": "5/3/2016 12:00", "closed_code": "5",
}  # fmt: skip


def a_row(**said: str) -> list[str]:
    """A row of the log; what is not said is as usual, or missing."""
    row = {**dict.fromkeys(COLUMNS, "?"), **_USUAL, **said}
    return [row[name] for name in COLUMNS]


def a_log(*rows: list[str]) -> str:
    """A file of these rows."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([list(COLUMNS), *rows])
    return file.getvalue()


def a_long_log(incidents: int) -> tuple[str, dict[str, Any]]:
    """A log of many incidents, and what an import must count in it."""
    rows = []
    for n in range(incidents):
        same = {"number": f"{n:07}", "caller_id": str(n % 97), "category": str(n % 7), "priority": str(1 + n % 4)}
        counts = {"reassignment_count": str(n % 3), "reopen_count": "1" if n % 50 == 0 else "0"}
        rows += [
            a_row(**same, incident_state="New", sys_mod_count="0"),
            a_row(**same, incident_state="Active", sys_mod_count="1", assigned_to=str(n % 11)),
            a_row(**same, **counts, incident_state="Closed", sys_mod_count="2", assigned_to=str(n % 11)),
        ]
    expected = {
        "reopened": sum(n % 50 == 0 for n in range(incidents)),
        "reassigned": sum(n % 3 > 0 for n in range(incidents)),
        "priorities": [sum(1 + n % 4 == p for n in range(incidents)) for p in (1, 2, 3, 4)],
    }
    return a_log(*rows), expected
