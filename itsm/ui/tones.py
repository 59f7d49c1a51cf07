"""Which colour a word has. Red: broken now; amber: soon; green: proven good; blue: act on it; grey: history."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Word = tuple[str | Promise, str]

BUDGET_STATES: dict[str, Word] = {
    "healthy": (_("Healthy"), "green"),
    "watch": (_("Watch"), "amber"),
    "constrained": (_("Constrained"), "amber"),
    "recovering": (_("Recovering"), "amber"),
    "exhausted": (_("Exhausted"), "red"),
    "burning_fast": (_("Burning fast"), "red"),
    "no_data": (_("No data"), "red"),
    "low_confidence": (_("Low confidence"), "grey"),
    "unmeasured": (_("Not measured"), "grey"),
}
FLAGS: dict[str, Word] = {
    "burning_fast": (_("Burning fast"), "red"),
    "burning_slow": (_("Burning slowly"), "amber"),
    "no_data": (_("No data"), "red"),
    "low_confidence": (_("Low confidence"), "grey"),
    "no_traffic": (_("No traffic"), "grey"),
}
OUTCOMES: dict[str, Word] = {
    "approved": (_("Approved"), "green"),
    "exception": (_("Exception"), "amber"),
    "peer": (_("One approver"), "blue"),
    "cab": (_("People decide"), "blue"),
    "postponed": (_("Postponed"), "amber"),
    "blocked": (_("Blocked"), "red"),
}
# States of records, by kind. What is over is grey; what waits for a person is blue.
STATUSES: dict[str, dict[str, str]] = {
    "incident": {"new": "blue", "in_progress": "blue", "on_hold": "grey", "resolved": "green"},
    "change": {
        "assessing": "blue", "scheduled": "green", "running": "blue", "reviewing": "blue", "closed": "grey",
    },
}  # fmt: skip


def word(table: dict[str, Word], key: Any) -> Word:
    """The word and its tone; a key that is not listed speaks for itself, in grey."""
    text = str(key or "")
    return table.get(text, (text.replace("_", " ").capitalize() or "\N{EN DASH}", "grey"))


def status(record: Any) -> Word:
    tone = STATUSES.get(record.kind, {}).get(str(record.status), "grey")
    return record.get_status_display(), tone
