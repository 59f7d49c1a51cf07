"""What happens to records by an import, in words."""

from django.utils.translation import gettext_lazy as _

HISTORY = {"imported": _("brought it in from another desk"), "imported_again": _("brought it in anew")}
