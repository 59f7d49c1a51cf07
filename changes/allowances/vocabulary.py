"""What happens to an allowance; each is a row of its ledger."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class What(models.TextChoices):
    GIVEN = "given", _("given")
    CHANGED = "changed", _("changed")
    DRAWN = "drawn", _("drawn")
    RETURNED = "returned", _("came back")
    REFILLED = "refilled", _("refilled")
    SHRUNK = "shrunk", _("shrunk")
    TAKEN_BACK = "taken_back", _("taken back")
