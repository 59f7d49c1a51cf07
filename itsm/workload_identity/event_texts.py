"""History of trust in words."""

from django.utils.translation import gettext_lazy as _

HISTORY = {
    "created": _("asked for it"),
    "trusted": _("let it in, as a second person"),
    "withdrawn": _("withdrew it"),
}
