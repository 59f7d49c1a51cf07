"""What the history says of proposals; the subject is whoever did it."""

from django.utils.translation import gettext_lazy as _

HISTORY = {
    "created": _("proposed it"),
    "accepted": _("accepted it"),
    "edited": _("accepted it with changes"),
    "dismissed": _("dismissed it"),
    "taken_back": _("took the word about it back"),
    "overtaken": _("found it overtaken"),
    "withdrawn": _("withdrew it"),
    "closed": _("closed it: nobody decided in time"),
}
