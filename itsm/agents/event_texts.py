"""History of software agents in words."""

from django.utils.translation import gettext_lazy as _

HISTORY = {
    "called": _("called a tool"),
    "created": _("connected it"),
    "renamed": _("gave it another name"),
    "stopped": _("stopped it; its tokens ended"),
    "resumed": _("let it go on"),
    "ended": _("ended it for good"),
    "shut": _("shut the agents' door for all of them"),
    "opened": _("opened the agents' door again"),
}
