"""Words of continuity."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

BACKUP_AGE = timedelta(hours=24)  # from then on the last backup is old
DRILL_AGE = timedelta(days=7)  # from then on nobody knows whether a backup can be restored


class What(models.TextChoices):
    """What was done, by a command of an operator."""

    BACKUP = "backup", _("Backup")
    DRILL = "drill", _("Restore drill")
    RESTORE = "restore", _("Restore")
    UPGRADE = "upgrade", _("Upgrade")
