"""The choices that describe a service."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Tier(IntegerChoices):
    """How much the business hangs on a service: 1 the most."""

    CRITICAL = 1, _("Tier 1, business critical")
    IMPORTANT = 2, _("Tier 2, important")
    SUPPORTING = 3, _("Tier 3, supporting")
    BACKGROUND = 4, _("Tier 4, background")


class ServiceType(TextChoices):
    """What people ask for by its name, or what such services rest on."""

    BUSINESS = "business", _("Business service")
    TECHNICAL = "technical", _("Technical service")


class ServiceState(TextChoices):
    """How a service stands now, for everybody who may see it."""

    UP = "up", _("Works, as far as is known")
    DEGRADED = "degraded", _("Works with trouble")
    DOWN = "down", _("Does not work")
