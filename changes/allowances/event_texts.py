"""What people read in the history of an allowance."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "created": _("gave it"),
    "edited": _("changed the share"),
    "taken_back": _("took it back"),
    "refilled": _("refilled it: a run was verified"),
    "shrunk": _("shrank it: a run failed"),
}
