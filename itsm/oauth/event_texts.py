"""History of consents in words."""

from django.utils.translation import gettext_lazy as _

OF_CLIENTS = {"changed": _("the document at its address says something else")}
HISTORY = {
    "begun": _("gave a client its first token"),
    "ended": _("ended what was consented to, with all its tokens"),
}
