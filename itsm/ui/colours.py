"""Which colour a word has. Red: broken now; amber: soon; green: proven good; blue: act on it; grey: history."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Word = tuple[str | Promise, str]

# Worst first: the order of a list that looks for trouble.
BUDGET_STATES: dict[str, Word] = {
    "burning_fast": (_("Burning fast"), "red"),
    "exhausted": (_("Exhausted"), "red"),
    "no_data": (_("No data"), "red"),
    "constrained": (_("Constrained"), "amber"),
    "recovering": (_("Recovering"), "amber"),
    "watch": (_("Watch"), "amber"),
    "low_confidence": (_("Low confidence"), "grey"),
    "healthy": (_("Healthy"), "green"),
    "not_yet_measured": (_("Not yet measured"), "grey"),
    "unmeasured": (_("Not measured"), "grey"),
}
FLAGS: dict[str, Word] = {
    "burning_fast": (_("Burning fast"), "red"),
    "burning_slow": (_("Burning slowly"), "amber"),
    "no_data": (_("No data"), "red"),
    "not_yet_measured": (_("Not yet measured"), "grey"),
    "low_confidence": (_("Low confidence"), "grey"),
    "no_traffic": (_("No traffic"), "grey"),
}
OUTCOMES: dict[str, Word] = {
    "approved": (_("Approved"), "green"),
    "exception": (_("Exception"), "amber"),
    "peer": (_("One approver"), "blue"),
    "cab": (_("Board decides"), "blue"),
    "postponed": (_("Postponed"), "amber"),
    "blocked": (_("Blocked"), "red"),
}
# States of records, by kind. What is over is grey; what waits for a person is blue.
STATUSES: dict[str, dict[str, str]] = {
    "incident": {"new": "blue", "in_progress": "blue", "on_hold": "grey", "resolved": "green"},
    "confirmation": {"proposed": "blue", "confirmed": "green"},
    "change": {
        "assessing": "blue", "scheduled": "green", "running": "blue", "reviewing": "blue", "closed": "grey",
    },
}  # fmt: skip


def word(table: dict[str, Word], key: Any) -> Word:
    """The word and its tone; a key that is not listed speaks for itself, in grey."""
    text = str(key or "")
    return table.get(text, (text.replace("_", " ").capitalize() or "\N{EN DASH}", "grey"))


def urgency(state: Any) -> int:
    """The place of a budget's state in a list with the worst first."""
    known = list(BUDGET_STATES)
    return known.index(str(state)) if str(state) in BUDGET_STATES else len(known)


def status(record: Any) -> Word:
    tone = STATUSES.get(record.kind, {}).get(str(record.status), "grey")
    return record.get_status_display(), tone
