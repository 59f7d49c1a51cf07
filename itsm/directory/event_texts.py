"""History of syncs in words."""

from django.utils.translation import gettext_lazy as _

HISTORY = {"let_go": _("said that the directory is right: those may go")}
