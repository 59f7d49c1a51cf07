"""How an invariant stands, in words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Standing(TextChoices):
    """`lapsed`: it holds again, and nobody has cleared it. `unknown`: it was not asked, or could not be."""

    HOLDS = "holds", _("holds")
    VIOLATED = "violated", _("does not hold")
    LAPSED = "lapsed", _("holds again, not cleared")
    UNKNOWN = "unknown", _("nobody knows")


TONES = {Standing.HOLDS: "green", Standing.VIOLATED: "red", Standing.LAPSED: "amber", Standing.UNKNOWN: "grey"}
