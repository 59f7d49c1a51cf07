"""History of on-call as people read it, after the name of who did it."""

from django.utils.translation import gettext_lazy as _

SCHEDULE = {
    "created": _("began this schedule"),
    "changed": _("changed it"),
    "went_live": _("let it page from now on"),
    "retired": _("retired it"),
}
OVERRIDE = {"created": _("made this override"), "withdrawn": _("withdrew it")}
TIME_OFF = {"created": _("noted time off"), "taken_back": _("cancelled it")}
FEED = {"created": _("made this feed"), "revoked": _("took it back")}
