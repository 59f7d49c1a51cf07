"""One row for each known setting; null means the default, which comes from the environment."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.configuration.known import ALL, BY_NAME, Known


class Setting(models.Model):
    """What was set on the desk. Never a secret."""

    kind = "setting"

    name = models.CharField(_("name"), max_length=40, unique=True)
    value = models.JSONField(_("value"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    # The confirmation that a second person gives first: filled by operations above, not stored.
    awaits: Any = None

    class Meta:
        verbose_name = _("setting")
        verbose_name_plural = _("settings")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/settings/#{self.name}"

    @property
    def known(self) -> Known:
        return BY_NAME[self.name]

    @property
    def default(self) -> Any:
        return self.known.default()

    @property
    def effective(self) -> Any:
        """What holds: the value, or the default where there is none."""
        return self.default if self.value is None else self.value


def make_rows(**_sent: Any) -> None:
    """After migrating: a row for each known setting. Safe to run again."""
    Setting.objects.bulk_create([Setting(name=one.name) for one in ALL], ignore_conflicts=True)
