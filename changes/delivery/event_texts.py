"""What people read in a history of what happened to deployments."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "created": _("told of it"),
    "told_more": _("told more of it"),
    "ended": _("told how it ended"),
    "contradicted": _("told of another end, which was not taken"),
}
