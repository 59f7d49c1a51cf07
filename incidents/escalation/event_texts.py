"""What histories say of routes."""

from django.utils.translation import gettext_lazy as _

HISTORY = {
    "created": _("laid this route"),
    "edited": _("changed it"),
    "moved": _("moved it"),
    "removed": _("took it away"),
}
