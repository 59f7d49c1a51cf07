"""History of own roles in words."""

from django.utils.translation import gettext_lazy as _

HISTORY = {
    "created": _("made this role"),
    "edited": _("changed it"),
    "widening_proposed": _("asked that it may more"),
    "widened": _("let it do more"),
    "retired": _("retired it"),
}
