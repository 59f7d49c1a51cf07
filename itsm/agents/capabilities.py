"""What a token of a software agent may do. Nothing here approves, overrides, activates, erases or grants."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Capability(models.TextChoices):
    GATE = "gate", _("ask the gate, and report what was deployed")
    DESK_READ = "desk:read", _("search and read what its owner may see")
    DESK_PROPOSE = "desk:propose", _("propose; a person accepts or dismisses")
    CATALOG_READ = "catalog:read", _("read services, impact and who is on call")


# Those whose tools write outward, so that who has read words of strangers may use them only if the owner allows it.
OUTWARD = (Capability.GATE,)
