"""Who looked at what is confidential, once an hour for each person and record; checks that somebody asked for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConfidentialRead(models.Model):
    """That a person read a record in an hour (of UTC): the entry `confidential.read` was written with it."""

    user_id = models.BigIntegerField(_("person"))  # no foreign key: nothing here keeps an account
    behind = models.CharField(_("with the rights of"), max_length=150, blank=True)
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    hour = models.BigIntegerField(_("hour"))  # since 1970

    class Meta:
        verbose_name = _("confidential read")
        verbose_name_plural = _("confidential reads")
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "behind", "record_kind", "record_id", "hour"], name="a_read_is_noted_once_an_hour"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.record_kind} {self.record_id}"


class AskedCheck(models.Model):
    """A check of everything that somebody asked for: `done` of `of` parts. `moved_at`: when it went on last."""

    kind = "asked_check"

    asked_by_id = models.BigIntegerField(_("asked by"))  # no foreign key: nothing here keeps an account
    asked_at = models.DateTimeField(_("asked at"))
    moved_at = models.DateTimeField(_("went on at"), null=True)
    done = models.PositiveIntegerField(_("parts done"), default=0)
    of = models.PositiveIntegerField(_("parts"), default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("check of the history that was asked for")
        verbose_name_plural = _("checks of the history that were asked for")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=models.Q(ended_at=None), name="one_check_is_under_way")
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 * self.done // self.of if self.of else 0
