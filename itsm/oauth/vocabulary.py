"""Words of this app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Ending(models.TextChoices):
    """Why what a person consented to is over."""

    REVOKED = "revoked", _("given back by the client")
    REUSE = "reuse", _("a code or refresh token came a second time: somebody else may have it")
    TAKEN = "taken", _("taken away by its person")
    STOPPED = "stopped", _("the agent was stopped or ended")
