"""Words of routes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Preset(TextChoices):
    """Who is first on call for a service: three ways to say it with two policies."""

    BUILDERS = "builders", _("Builders on call, always; operations second")
    BY_DAY = "by_day", _("Builders by day, operations by night with builders second")
    OPERATIONS = "operations", _("Operations first, builders second")
