"""Who looked at what is confidential, once an hour for each person and record."""

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
