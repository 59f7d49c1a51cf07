"""The gate's words as people read them, each with its colour: one word for each outcome, wherever it stands."""

from django.utils.translation import gettext_lazy as _

from itsm.ui.colours import Word

OUTCOMES: dict[str, Word] = {
    "approved": (_("Approved"), "green"),
    "exception": (_("Exception"), "amber"),
    "peer": (_("One approver"), "blue"),
    "cab": (_("Board decides"), "blue"),
    "postponed": (_("Postponed"), "amber"),
    "blocked": (_("Blocked"), "red"),
}
